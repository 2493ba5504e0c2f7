UPDATE agentidemp_records SET
    state = 'completed',
    answer = $3,
    lease_until = NULL,
    expires = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $4
WHERE key = $1 AND claim = $2 AND state IN ('in_progress', 'interrupted') AND (
    expires IS NULL
    OR greatest(expires, lease_until) > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
)
RETURNING attempt
