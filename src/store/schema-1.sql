CREATE TABLE search (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    record TEXT NOT NULL
) STRICT;

CREATE TABLE trial (
    number INTEGER PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('open', 'waiting', 'done')),
    writer TEXT NOT NULL,
    brief TEXT NOT NULL,
    request TEXT NOT NULL,
    net TEXT,
    hash TEXT,
    structure TEXT,
    duplicate_of INTEGER REFERENCES trial (number),
    outcome TEXT,
    message TEXT NOT NULL DEFAULT '',
    folder TEXT,
    began INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT;

CREATE INDEX trial_hash ON trial (hash);

CREATE INDEX trial_structure ON trial (structure);

CREATE TABLE exchange (
    trial INTEGER NOT NULL REFERENCES trial (number),
    attempt INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (trial, attempt)
) STRICT;

CREATE TABLE rung (
    trial INTEGER NOT NULL REFERENCES trial (number),
    rung INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (trial, rung)
) STRICT;
