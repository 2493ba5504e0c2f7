UPDATE agentidemp_records SET
    state = 'completed',
    answer = $3,
    lease_until = NULL,
    expires = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $4
WHERE key = $1 AND claim = $2 AND state IN ('in_progress', 'interrupted')
    AND least(attempt, interrupted, token, started, expires) >= 0
    AND greatest(attempt, interrupted, token, started, expires) < 9007199254740992
    AND (state = 'interrupted' OR lease_until BETWEEN 0 AND 9007199254740991)
    AND (
        expires IS NULL
        OR expires > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
        OR (
            state = 'in_progress'
            AND lease_until > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
        )
    )
RETURNING attempt
