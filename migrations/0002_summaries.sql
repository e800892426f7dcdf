-- What a show came to, as people read it for a day: made from the room's log when it ended (docs/summary.md), as JSON.
ALTER TABLE summaries ADD COLUMN summary TEXT;
