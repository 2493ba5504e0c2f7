CREATE TABLE IF NOT EXISTS agentidemp_records (
    key text COLLATE "C" PRIMARY KEY,
    state text NOT NULL,
    attempt bigint NOT NULL,
    interrupted bigint NOT NULL,
    token bigint NOT NULL,
    claim text NOT NULL,
    started bigint NOT NULL,
    lease_until bigint,
    expires bigint,
    answer text
);
CREATE INDEX IF NOT EXISTS agentidemp_records_expires ON agentidemp_records (expires);
