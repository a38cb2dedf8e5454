// The embedded store: SQLite in the data folder, a thread that writes and a thread that reads. This file says which act
// goes where; what an act does stands in the file of its name.
import { Worker } from "node:worker_threads";
import type { Event } from "@posthorn/wire/event";
import { uuidv7 } from "../../domain/ids.ts";
import type { Randomness } from "../../outside/randomness.ts";
import { StoreError } from "../errors.ts";
import type { EventDraft, Store } from "../store.ts";
import { flattenAccept, readAcceptAnswer } from "./accept.ts";
import { readProject } from "./catalogue.ts";
import { readClaimAnswer } from "./claim.ts";
import { readAttempt, readDeliveryRow } from "./deliveries.ts";
import { createDesk, type Desk, resourceLimits } from "./desk.ts";
import { readEventRow, readPage } from "./events.ts";
import { prepareFolder } from "./folder.ts";
import { createLine, type Line, type PaceClock } from "./line.ts";
import { postProject } from "./new-project.ts";
import { flattenSettle, readSettleAnswer } from "./settle.ts";
import type { WriterData, WriterMessage } from "./writer.ts";

export interface SqliteStoreOptions {
  /** Made (mode 0700) where it is missing; the database in it is `posthorn.db`. */
  readonly dataDir: string;
  readonly clock: PaceClock;
  readonly randomness: Pick<Randomness, "bytes">;
}

/**
 * Opens the database, makes or migrates it where needed, and takes the folder for this process alone.
 * @throws StoreError `store_locked`, `store_too_new`, `store_corrupt` or `store_unavailable`, each with one clear line.
 */
export async function openSqliteStore({ dataDir, clock, randomness }: SqliteStoreOptions): Promise<Store> {
  const folder = prepareFolder(dataDir);
  const now = clock.now();
  const data: WriterData = { folder, now, freshInstanceId: uuidv7(now, randomness.bytes(10)) };
  const writer = new Worker(new URL("./writer.ts", import.meta.url), { workerData: data, resourceLimits });
  const instanceId = await opened(writer);
  const desk = createDesk({ database: folder.database });
  const line = createLine(writer, clock, desk.checkpoint);
  return {
    instanceId,
    ...writingActs(line),
    ...readingActs(desk),
    close: once(async () => {
      await line.drain();
      // The writer last: as the last connection it folds the log into the database.
      await desk.close();
      await line.close();
    }),
  };
}

/** Closing twice is closing once. */
function once(work: () => Promise<void>): () => Promise<void> {
  let underway: Promise<void> | undefined;
  return () => (underway ??= work());
}

/** Answers the instance's id. A writer that refuses has ended, and given the folder free, before its refusal is told. */
function opened(writer: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    let refusal = new StoreError("store_unavailable", "the embedded store's writer could not be started");
    writer.once("error", (error) => {
      refusal = new StoreError("store_unavailable", `the embedded store: ${error.message}`);
    });
    writer.once("exit", () => reject(refusal));
    writer.once("message", (message: WriterMessage) => {
      if (message.kind === "open") resolve(message.instanceId);
      if (message.kind === "refused") refusal = new StoreError(message.code, message.message);
    });
  });
}

function writingActs(line: Line) {
  return {
    accept: async (request) =>
      readAcceptAnswer(request, await line.submit("accept", flattenAccept(request), sizeOfDrafts(request.events))),
    claimDue: async (request) => readClaimAnswer(request, await line.submit("claimDue", request)),
    settle: async (request) => {
      const bytes = sizeOfDrafts(request.follow?.events ?? []);
      return readSettleAnswer(request, await line.submit("settle", flattenSettle(request), bytes));
    },
    agenda: () => line.submit("agenda", null),
    renew: (request) => line.submit("renew", request),
    recover: (request) => line.submit("recover", request),
    cancel: (request) => line.submit("cancel", request),
    replay: (request) => line.submit("replay", request),
    retry: (request) => line.submit("retry", request),
    createProject: (request) => line.submit("createProject", postProject(request)),
    deleteProject: (request) => line.submit("deleteProject", request),
    loadCatalogue: (project) => line.submit("loadCatalogue", project),
    createTrigger: (request) => line.submit("createTrigger", request),
    updateTrigger: (request) => line.submit("updateTrigger", request),
    deleteTrigger: (request) => line.submit("deleteTrigger", request),
    createKey: (key) => line.submit("createKey", key),
    deleteKey: (request) => line.submit("deleteKey", request),
    findKey: (hash) => line.submit("findKey", hash),
    prune: (request) => line.submit("prune", request),
    ping: async () => {
      await line.submit("ping", null);
    },
  } satisfies Partial<Store>;
}

function readingActs(desk: Desk) {
  return {
    listProjects: async (page) => readPage(await desk.ask("listProjects", page), readProject),
    listKeys: (projectId) => desk.ask("listKeys", { projectId }),
    listEvents: async (projectId, filter, page) =>
      readPage(await desk.ask("listEvents", { projectId, filter, page }), readEventRow),
    findEvents: async (projectId, id, source) =>
      (await desk.ask("findEvents", { projectId, id, source })).map(({ row, states }) => ({
        ...readEventRow(row),
        states,
      })),
    listDeliveries: async (projectId, filter, page) =>
      readPage(await desk.ask("listDeliveries", { projectId, filter, page }), readDeliveryRow),
    findDelivery: async (projectId, id) => {
      const row = await desk.ask("findDelivery", { projectId, id });
      return row === null ? null : readDeliveryRow(row);
    },
    listAttempts: async (projectId, deliveryId, page) =>
      (await desk.ask("listAttempts", { projectId, deliveryId, ...page }))?.map(readAttempt) ?? null,
    stats: (projectId) => desk.ask("stats", { projectId }),
  } satisfies Partial<Store>;
}

function sizeOfDrafts(drafts: readonly EventDraft[]): number {
  return drafts.reduce((bytes, draft) => bytes + sizeOfData(draft.event), 0);
}

/** Characters stand for bytes here: the limits they are counted against are rough. */
function sizeOfData({ data }: Event): number {
  if (data === undefined) return 0;
  return data.kind === "binary" ? data.bytes.byteLength : data.text.length;
}
