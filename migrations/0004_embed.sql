-- Keyed hash of the code by which pages of others show this show's figures; '' while there is none.
ALTER TABLE shows ADD COLUMN embed_hash TEXT NOT NULL DEFAULT '';
