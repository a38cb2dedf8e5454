// On what the bench ran: figures mean little without it.
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { nowMs } from "./clock.ts";
import { spreadOf } from "./figures.ts";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  readonly system: string;
  /** How much of all cores others used just before the bench began, in per cent. */
  readonly busyPercent: number;
  /** Microseconds for writing 4 KiB and having the disk keep it: the median and the 99th percentile. */
  readonly fsyncUs: { readonly p50: number; readonly p99: number };
}

export async function describeMachine(): Promise<Machine> {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    system: `${process.platform} ${process.arch}`,
    busyPercent: await measureOthers(),
    fsyncUs: measureFsync(),
  };
}

const listenMs = 2000;

/** Nothing of the bench runs yet, so whatever uses the cores now will use them during the bench. */
async function measureOthers(): Promise<number> {
  const before = countTicks();
  await pause(listenMs);
  const after = countTicks();
  const total = after.total - before.total;
  return Math.round((100 * (total - (after.idle - before.idle))) / total);
}

function countTicks(): { readonly total: number; readonly idle: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (ticks: readonly number[]): number => ticks.reduce((total, each) => total + each, 0);
  return { total: sum(times.flatMap((each) => Object.values(each))), idle: sum(times.map(({ idle }) => idle)) };
}

const writes = 300;
const pageBytes = 4096;

/** On the disk that holds the bench's data folders, in a file that grows as a write-ahead log does. */
function measureFsync(): Machine["fsyncUs"] {
  const file = join(tmpdir(), `posthorn-bench-fsync-${process.pid}`);
  const descriptor = openSync(file, "w");
  const page = Buffer.alloc(pageBytes, 1);
  const samples = new Float64Array(writes);
  try {
    for (const index of samples.keys()) {
      const startedAt = nowMs();
      writeSync(descriptor, page);
      fdatasyncSync(descriptor);
      samples[index] = (nowMs() - startedAt) * 1000;
    }
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
  const { p50, p99 } = spreadOf(samples);
  return { p50: Math.round(p50), p99: Math.round(p99) };
}

export interface Memory {
  /** Resident now, and at its highest so far, in MB (10^6 bytes). */
  readonly nowMb: number;
  readonly peakMb: number;
}

/** Of another process; NaN where there is no /proc. */
export function readMemory(pid: number): Memory {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const megabytes = (name: string): number =>
      (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024) / 1e6;
    return { nowMb: megabytes("VmRSS"), peakMb: megabytes("VmHWM") };
  } catch {
    return { nowMb: Number.NaN, peakMb: Number.NaN };
  }
}
