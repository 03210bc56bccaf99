#!/bin/bash
# Starts broker $1 of the cluster $2. The root file system is read-only: what Kafka writes goes to /tmp and to its volume.
set -euo pipefail
export LOG_DIR=/tmp/logs
sed "s/@ID@/$1/g" /broker/broker.properties > /tmp/broker.properties
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted -t "$2" -c /tmp/broker.properties
exec /opt/kafka/bin/kafka-server-start.sh /tmp/broker.properties
