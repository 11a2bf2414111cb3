. "$LOAD/targets/vizroom.sh"
