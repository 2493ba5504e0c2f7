WITH clock AS (
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now
)
INSERT INTO agentidemp_records AS record
    (key, state, attempt, interrupted, token, claim, started, lease_until)
SELECT $1, 'in_progress', 1, 0, now, $2, now, now FROM clock
ON CONFLICT (key) DO UPDATE SET
    state = 'in_progress',
    attempt = CASE
        WHEN record.expires <= excluded.started THEN 1
        ELSE least(record.attempt + 1, 9007199254740991)
    END,
    interrupted = CASE WHEN record.expires <= excluded.started THEN 0 ELSE record.interrupted END,
    token = greatest(least(record.token + 1, 9007199254740991), excluded.token),
    claim = excluded.claim,
    started = excluded.started,
    lease_until = excluded.started,
    expires = NULL,
    answer = NULL
WHERE least(record.attempt, record.interrupted, record.token, record.started, record.expires) >= 0
    AND greatest(record.attempt, record.interrupted, record.token, record.started, record.expires)
        < 9007199254740992
    AND (record.state = 'released' OR (
        record.expires <= excluded.started AND (
            record.state IN ('interrupted', 'completed')
            OR (record.state = 'in_progress' AND record.lease_until BETWEEN 0 AND excluded.started)
        )
    ))
RETURNING attempt, token, interrupted
