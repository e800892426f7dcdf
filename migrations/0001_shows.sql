-- A show, who may present it, and the stock that the eventual lane reads and blindly writes.

CREATE TABLE shows (
  code        TEXT PRIMARY KEY,
  opened_at   INTEGER NOT NULL,
  -- Unix milliseconds; the show ends here unless it is extended.
  closes_at   INTEGER NOT NULL,
  ended_at    INTEGER,
  -- Participants that have joined so far: the number that makes the next label, and what the show's size is held against.
  joined      INTEGER NOT NULL DEFAULT 0,
  -- [{id, name, capacity, unitPrice}] as JSON.
  skus        TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE presenters (
  show        TEXT NOT NULL,
  session_id  TEXT NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (show, session_id)
) WITHOUT ROWID;

CREATE TABLE inventory (
  show        TEXT NOT NULL,
  sku         TEXT NOT NULL,
  lane        TEXT NOT NULL,
  epoch       INTEGER NOT NULL,
  capacity    INTEGER NOT NULL,
  allocated   INTEGER NOT NULL DEFAULT 0,
  version     INTEGER NOT NULL DEFAULT 0,
  -- 1 once a reset has drawn its line: no write of this epoch may follow.
  fenced      INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (show, sku, lane, epoch)
) WITHOUT ROWID;

-- One row for each write to inventory: which version it read, which it made. The lineage of the lane.
CREATE TABLE orders (
  show            TEXT NOT NULL,
  sku             TEXT NOT NULL,
  op              TEXT NOT NULL,
  lane            TEXT NOT NULL,
  epoch           INTEGER NOT NULL,
  who             TEXT NOT NULL,
  units           INTEGER NOT NULL,
  parent_version  INTEGER NOT NULL,
  version         INTEGER NOT NULL,
  read_allocated  INTEGER NOT NULL,
  wrote_allocated INTEGER NOT NULL,
  read_at_ms      INTEGER NOT NULL,
  wrote_at_ms     INTEGER NOT NULL,
  PRIMARY KEY (show, sku, lane, op)
) WITHOUT ROWID;

CREATE TABLE summaries (
  show        TEXT NOT NULL,
  sku         TEXT NOT NULL,
  ended_at    INTEGER NOT NULL,
  state       TEXT NOT NULL,
  PRIMARY KEY (show, sku)
) WITHOUT ROWID;
