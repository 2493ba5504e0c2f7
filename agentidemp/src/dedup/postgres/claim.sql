WITH clock AS (
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now
)
INSERT INTO agentidemp_records AS record
    (key, state, attempt, interrupted, token, claim, started, lease_until)
SELECT $1, 'in_progress', 1, 0, now, $2, now, now FROM clock
ON CONFLICT (key) DO UPDATE SET
    state = 'in_progress',
    attempt = CASE WHEN record.expires <= excluded.started THEN 1 ELSE record.attempt + 1 END,
    interrupted = CASE WHEN record.expires <= excluded.started THEN 0 ELSE record.interrupted END,
    token = greatest(record.token + 1, excluded.token),
    claim = excluded.claim,
    started = excluded.started,
    lease_until = excluded.started,
    expires = NULL,
    answer = NULL
WHERE record.state = 'released' OR (
    record.expires <= excluded.started AND coalesce(record.lease_until, 0) <= excluded.started
)
RETURNING attempt, token, interrupted
