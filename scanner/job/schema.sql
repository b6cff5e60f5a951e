-- A job file of mxvet. Everything here may be read while a run goes on:
--   sqlite3 -readonly out.csv.job 'SELECT * FROM progress'
-- Times are nanoseconds since 1970 in UTC unless they are text (RFC 3339).

-- What the file is for: one row.
CREATE TABLE job (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  tool    TEXT    NOT NULL,            -- version of mxvet that began it
  input   TEXT    NOT NULL,            -- fingerprint of the input; another one is refused
  flags   TEXT    NOT NULL,            -- JSON array of those that change the answers; others are refused
  columns TEXT    NOT NULL,            -- JSON array: headings of the user's own columns
  asked   TEXT    NOT NULL,            -- the one of them that is asked about; '' for the first
  created TEXT    NOT NULL,            -- when it began
  pid     INTEGER NOT NULL             -- process that has it open, or had it last
) STRICT;

-- Every line of input, and for each domain that has servers a mailbox that cannot exist.
CREATE TABLE work (
  id      INTEGER PRIMARY KEY,         -- order of input from 1; random mailboxes count down from -1
  kind    TEXT    NOT NULL,            -- address, or random
  domain  TEXT    NOT NULL,            -- A-labels or address literal; '' where the syntax is bad
  mailbox TEXT,                        -- as it goes on the wire; NULL where the syntax is bad
  syntax  TEXT,                        -- JSON: why it is no address; NULL where it is one
  input   TEXT,                        -- JSON: row, line, file, text, values; NULL for a random mailbox
  same    INTEGER NOT NULL,            -- earlier work with the same mailbox, asked in this one's stead; 0 for none
  fate    TEXT    NOT NULL,            -- what was decided instead of asking; '' for nothing
  settled INTEGER NOT NULL,            -- 1: nothing more is to be asked (for a repeat: see the work it is the same as)
  due     INTEGER NOT NULL             -- not to be asked before this time; 0 for any
) STRICT;

-- Every outcome of asking for a mailbox, numbered from 0 without a gap.
CREATE TABLE attempts (
  work    INTEGER NOT NULL,            -- work.id
  n       INTEGER NOT NULL,
  outcome TEXT    NOT NULL,            -- JSON with the keys of "attempts" in a verdict row
  PRIMARY KEY (work, n)
) STRICT, WITHOUT ROWID;

-- Domains that were assigned or have a random mailbox, in that order.
CREATE TABLE domains (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE,
  queue  TEXT,                         -- names of the servers its work waits for; '' where there are none; NULL while undecided
  random INTEGER                       -- work.id of its random mailbox; NULL for none
) STRICT;

-- What is known of a domain ("domain:example.org") or a server.
CREATE TABLE known (
  key      TEXT PRIMARY KEY,
  facts    TEXT    NOT NULL,           -- JSON: route, down, bears
  revision INTEGER NOT NULL            -- 1 at first, one more with every change
) STRICT, WITHOUT ROWID;

-- What a short run, whose work is in memory, was told and is not in the tables
-- above. They follow from its third second on.
CREATE TABLE journal (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  changes TEXT NOT NULL                -- lines of JSON: add, assign, key with know, fact; to be made in this order
) STRICT;

-- How far the job is.
CREATE VIEW progress AS
SELECT count(*) AS rows,
       sum(asked.settled AND coalesce(random.settled, 1)) AS finished,
       sum(NOT asked.settled AND asked.due > unixepoch() * 1000000000) AS waiting,
       datetime(min(iif(asked.settled OR asked.due = 0, NULL, asked.due)) / 1000000000, 'unixepoch') AS next_due
FROM work
JOIN work AS asked ON asked.id = iif(work.same, work.same, work.id)
LEFT JOIN domains ON domains.name = work.domain AND work.mailbox IS NOT NULL
LEFT JOIN work AS random ON random.id = domains.random
WHERE work.id > 0;

-- What servers said, a line an attempt.
CREATE VIEW answers AS
SELECT attempts.work, attempts.n, work.kind, work.mailbox,
       outcome ->> 'at' AS at, outcome ->> 'host' AS host, outcome ->> 'stage' AS stage,
       outcome ->> 'code' AS code, outcome ->> 'text' AS text, outcome ->> 'meaning' AS meaning
FROM attempts JOIN work ON work.id = attempts.work;
