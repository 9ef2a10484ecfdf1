CREATE TABLE in_vain (
    trial INTEGER NOT NULL REFERENCES trial (number) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX in_vain_trial ON in_vain (trial, attempt);
