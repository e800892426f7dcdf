-- Seats that were freed: joined - freed of a show are taken. `joined` goes on counting, because it makes the next label.
ALTER TABLE shows ADD COLUMN freed INTEGER NOT NULL DEFAULT 0;

-- Participants that have logged out, so that each frees its seat once.
CREATE TABLE departures (
  show        TEXT NOT NULL,
  session_id  TEXT NOT NULL,
  PRIMARY KEY (show, session_id)
) WITHOUT ROWID;
