// The first schema. Sequence numbers hold the time (domain/ids.ts), so a range of time is a range of the primary key.
// Every index is paid for by each event, so each is here for a reading that has no other way.

export const migration = {
  number: 1,
  name: "first",
  sql: `
CREATE TABLE meta (
  instance_id TEXT NOT NULL
) STRICT;

CREATE TABLE projects (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  slug              TEXT    NOT NULL,
  name              TEXT    NOT NULL,
  created_at        INTEGER NOT NULL,
  -- One higher at every change of the project's triggers; what was matched against an older one is stale.
  catalogue_version INTEGER NOT NULL,
  -- Deleted ones stay until prune has erased what they held.
  deleted_at        INTEGER
) STRICT;
CREATE UNIQUE INDEX projects_by_slug ON projects (slug) WHERE deleted_at IS NULL;

CREATE TABLE triggers (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id    INTEGER NOT NULL,
  name          TEXT    NOT NULL,
  definition    TEXT    NOT NULL,
  sealed        TEXT    NOT NULL,
  paused_reason TEXT,
  paused_at     INTEGER,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  -- Deleted ones stay as long as deliveries show their name.
  deleted_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX triggers_by_name ON triggers (project_id, name) WHERE deleted_at IS NULL;
CREATE INDEX triggers_deleted ON triggers (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE keys (
  id         TEXT    NOT NULL PRIMARY KEY,
  project_id INTEGER NOT NULL,
  name       TEXT    NOT NULL,
  scopes     TEXT    NOT NULL, -- JSON
  created_at INTEGER NOT NULL,
  hash       TEXT    NOT NULL UNIQUE
) STRICT;
CREATE INDEX keys_by_project ON keys (project_id, created_at);

CREATE TABLE events (
  sequence        INTEGER PRIMARY KEY,
  project_id      INTEGER NOT NULL,
  id              TEXT    NOT NULL,
  source          TEXT    NOT NULL,
  type            TEXT    NOT NULL,
  subject         TEXT,
  time            TEXT    NOT NULL,
  datacontenttype TEXT,
  dataschema      TEXT,
  extensions      TEXT, -- JSON; null where there are none
  data_kind       TEXT, -- json, text or binary; null where the event has no data
  data            ANY,  -- as it came: text, or a blob where it is binary
  deliver_at      INTEGER NOT NULL,
  depth           INTEGER NOT NULL,
  deliveries      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_id ON events (project_id, id, source);
CREATE INDEX events_by_project ON events (project_id);
CREATE INDEX events_by_type ON events (project_id, type);
CREATE INDEX events_by_subject ON events (project_id, subject) WHERE subject IS NOT NULL;
CREATE INDEX events_unmatched ON events (project_id) WHERE deliveries = 0;

CREATE TABLE deliveries (
  sequence          INTEGER PRIMARY KEY,
  id                TEXT    NOT NULL,
  project_id        INTEGER NOT NULL,
  trigger_id        INTEGER NOT NULL,
  event_sequence    INTEGER NOT NULL,
  state             TEXT    NOT NULL,
  attempts          INTEGER NOT NULL,
  series_attempts   INTEGER NOT NULL,
  series_started_at INTEGER NOT NULL,
  due_at            INTEGER, -- the next try, or the end of the lease; null once settled
  settled_at        INTEGER,
  fence             INTEGER NOT NULL,
  owner             TEXT,    -- of the lease; null while not in flight
  recorded          INTEGER NOT NULL,
  last_outcome      TEXT
) STRICT;
CREATE UNIQUE INDEX deliveries_by_id ON deliveries (id);
CREATE INDEX deliveries_due ON deliveries (trigger_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_by_state ON deliveries (project_id, state);
CREATE INDEX deliveries_by_trigger ON deliveries (trigger_id, state);
CREATE INDEX deliveries_by_event ON deliveries (project_id, state, event_sequence);

CREATE TABLE attempts (
  delivery_sequence INTEGER NOT NULL,
  number            INTEGER NOT NULL,
  started_at        INTEGER NOT NULL,
  duration_ms       REAL    NOT NULL,
  outcome           TEXT    NOT NULL,
  status            INTEGER,
  evidence          TEXT    NOT NULL, -- JSON
  PRIMARY KEY (delivery_sequence, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
  number      INTEGER PRIMARY KEY,
  project_id  INTEGER NOT NULL,
  key         TEXT    NOT NULL,
  fingerprint TEXT    NOT NULL,
  receipts    TEXT    NOT NULL, -- JSON: the first answer
  expires_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX idempotency_by_key ON idempotency (project_id, key);
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);

-- How many events and deliveries in each state a project has: counting ten million rows takes seconds.
CREATE TABLE tallies (
  project_id INTEGER NOT NULL,
  kind       TEXT    NOT NULL,
  count      INTEGER NOT NULL,
  PRIMARY KEY (project_id, kind)
) STRICT, WITHOUT ROWID;
`,
} as const;
