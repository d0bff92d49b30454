# Which Bluesky network is meant, by BSKY_APPVIEW and PDS_RATE_LIMITS: each has ports and a folder of its own, so that all
# can run at once. Sourced by bsky-pds-up and bsky-pds-down.
BSKY_HOME=$CM_PEERS/bsky BSKY_APPVIEW=${BSKY_APPVIEW:-0} PDS_RATE_LIMITS=${PDS_RATE_LIMITS:-0}
kind=pds shift=0
[[ $BSKY_APPVIEW != 1 ]] || { kind=appview shift=1000; }
[[ $PDS_RATE_LIMITS != 1 ]] || { kind+=-limits; shift=$((shift + 2000)); }
BSKY_PORT=$((${BSKY_PORT:-12583} + shift)) PLC_PORT=$((${PLC_PORT:-12582} + shift))
BSKY_PG_PORT=${BSKY_PG_PORT:-15433} BSKY_REDIS_PORT=${BSKY_REDIS_PORT:-16380}
run=$BSKY_HOME/run-$kind
