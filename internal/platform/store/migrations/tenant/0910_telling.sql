-- +goose Up

-- How somebody is reached outside the app: one address of each channel. confirmed_at is empty until its owner has repeated the code that was
-- sent there; code_hash is of that code. Times of the day are of China, 21:00. failed is why the last message could not be delivered, or empty.
CREATE TABLE reaches (
  account TEXT NOT NULL,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('at_once', 'digest', 'off')),
  quiet_from TEXT NOT NULL,
  quiet_to TEXT NOT NULL,
  digest_at TEXT NOT NULL,
  confirmed_at TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  code_until TEXT NOT NULL,
  tries INTEGER NOT NULL,
  codes INTEGER NOT NULL,
  codes_since TEXT NOT NULL,
  failed TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  PRIMARY KEY (account, channel)
);

-- A note on its way out of the app. words is of what it said when it was told: newer words are another delivery, and the older is dropped.
-- due_at is when it is to be sent; while it is being sent, when whoever sends it is given up.
CREATE TABLE deliveries (
  note TEXT NOT NULL,
  channel TEXT NOT NULL,
  words TEXT NOT NULL,
  account TEXT NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('at_once', 'digest')),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')),
  due_at TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  told_at TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (note, channel, words)
);

CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state IN ('waiting', 'sending');
