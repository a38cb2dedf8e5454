// The requests of the bench, rendered once: an event's number is written over eight digits of a ready-made text, so that
// the load generator spends its time on sending.
import { Buffer } from "node:buffer";

/** Eight digits, so that every event has the same length. */
export const firstNumber = 10_000_000;
const numberLength = 8;

export interface Destination {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface EventTemplate {
  /** How many events go in one request; more than one makes an array. */
  readonly batchSize: number;
  /** Milliseconds since 1970; now if not given. */
  readonly deliverAt?: number | undefined;
}

export interface Request {
  readonly bytes: Buffer;
  /** Writes the events' numbers, from `first` on. */
  number(first: number): void;
}

/** What a shop would say of an order: about 300 bytes. */
function eventText(deliverAt: number | undefined): string {
  const data = `{"n":${firstNumber},"order":"A-1037","customer":{"id":9007199254740993,"name":"Ada Lovelace"},"lines":[{"sku":"POST-HORN-1","quantity":2,"price":129.50},{"sku":"REED","quantity":10,"price":1.0}],"note":"leave it with the neighbour, please"}`;
  const time = deliverAt === undefined ? "" : `"deliverAt":${deliverAt},`;
  return `{"type":"order.placed","source":"/bench",${time}"data":${data}}`;
}

export function renderRequest(destination: Destination, { batchSize, deliverAt }: EventTemplate): Request {
  const event = eventText(deliverAt);
  const body = batchSize === 1 ? event : `[${Array.from({ length: batchSize }, () => event).join(",")}]`;
  const bytes = Buffer.from(`${headText(destination, body.length)}${body}`);
  const places = findPlaces(bytes, batchSize);
  return {
    bytes,
    number(first) {
      for (const [index, place] of places.entries()) bytes.write(String(first + index), place, numberLength, "latin1");
    },
  };
}

function headText({ port, path, headers }: Destination, length: number): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    `content-length: ${length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

const marker = '"n":';

function findPlaces(bytes: Buffer, count: number): readonly number[] {
  const places: number[] = [];
  for (let from = 0; places.length < count; ) {
    from = bytes.indexOf(marker, from) + marker.length;
    places.push(from);
  }
  return places;
}

/** The number of the event in a delivered body; -1 where there is none. Looks in `bytes` from `start` to `end`. */
export function readNumber(bytes: Buffer, start: number, end: number): number {
  const place = bytes.indexOf(marker, start);
  if (place < 0 || place + marker.length + numberLength > end) return -1;
  let value = 0;
  for (let at = place + marker.length; at < place + marker.length + numberLength; at += 1)
    value = value * 10 + ((bytes[at] ?? 0x30) - 0x30);
  return value;
}
