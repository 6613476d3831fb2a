"""The program of the tutorial that gcpresence began with, as it stands there
("Complete Working Example"), but for four things: where the token and the host
come from, the limit of 100 users, an end after COUNT events, and that its audit
log can be left out.

    tutorial.py URL CA-FILE|- COUNT USERS-FILE audit|no-audit
"""

import asyncio
import json
import logging
import ssl
import sys
import time
from collections import deque
from datetime import datetime, timezone
from typing import Callable, List

import jsonschema
import websockets

logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(levelname)s] %(message)s")
logger = logging.getLogger("GenesysPresenceSystem")
audit_logger = logging.getLogger("PresenceAudit")

URL, CA, COUNT, USERS, AUDIT = sys.argv[1:6]

PRESENCE_SUBSCRIPTION_SCHEMA = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "const": "subscribe"},
        "eventTypes": {"type": "array", "items": {"type": "string", "const": "presence"}},
        "filters": {
            "type": "object",
            "properties": {"userId": {"type": "array", "items": {"type": "string"}}},
            "required": ["userId"],
        },
    },
    "required": ["type", "eventTypes", "filters"],
}


class SubscriptionValidator:
    def __init__(self, max_subscriptions: int = 1000, max_requests_per_minute: int = 30):
        self.max_subscriptions = max_subscriptions
        self.request_timestamps = deque(maxlen=max_requests_per_minute)
        self.active_user_count = 0

    def validate_and_submit(self, payload: dict) -> dict:
        jsonschema.validate(instance=payload, schema=PRESENCE_SUBSCRIPTION_SCHEMA)
        now = datetime.now(timezone.utc).timestamp()
        self.request_timestamps.append(now)
        if len(self.request_timestamps) > 30:
            if now - self.request_timestamps[0] < 60:
                raise RuntimeError("Frequency cap exceeded.")
        new_users = len(payload["filters"]["userId"])
        if self.active_user_count + new_users > self.max_subscriptions:
            raise ValueError("Subscription limit exceeded.")
        self.active_user_count += new_users
        return payload


class WebSocketConnectionManager:
    def __init__(self):
        self.ws = None
        self.is_connected = False

    async def connect(self):
        secure = ssl.create_default_context(cafile=CA) if CA != "-" else None
        self.ws = await websockets.connect(URL, ping_interval=20, ping_timeout=10, ssl=secure)
        self.is_connected = True
        return self.ws


class GenesysPresenceSubscriber:
    def __init__(self):
        self.conn_manager = WebSocketConnectionManager()
        self.validator = SubscriptionValidator()
        self.presence_cache = {}
        self.callbacks: List[Callable] = []
        self.metrics = {"latency_ms": [], "updates_received": 0, "delta_triggers": 0, "errors": 0}

    def register_callback(self, callback: Callable):
        self.callbacks.append(callback)

    async def send_subscription(self, user_ids: List[str]):
        payload = {"type": "subscribe", "eventTypes": ["presence"], "filters": {"userId": user_ids}}
        validated_payload = self.validator.validate_and_submit(payload)
        await self.conn_manager.ws.send(json.dumps(validated_payload))
        if AUDIT == "audit":
            audit_logger.info(json.dumps({"action": "SUBSCRIPTION_SENT", "timestamp": datetime.now(timezone.utc).isoformat(), "payload": payload}))

    async def listen_for_updates(self):
        async for message in self.conn_manager.ws:
            try:
                start_time = time.time()
                data = json.loads(message)
                if not isinstance(data, dict) or "eventType" not in data:
                    continue
                self.metrics["updates_received"] += 1
                self._process_presence_event(data)
                latency_ms = (time.time() - start_time) * 1000
                self.metrics["latency_ms"].append(latency_ms)
            except Exception as e:
                logger.error(f"Stream processing error: {e}")
                self.metrics["errors"] += 1
            if self.metrics["updates_received"] == int(COUNT):
                return

    def _process_presence_event(self, event: dict):
        user_id = event.get("userId")
        state = event.get("state")
        if not user_id or not state:
            return
        current_cached = self.presence_cache.get(user_id, {})
        if current_cached.get("state") != state:
            self.presence_cache[user_id] = {"state": state, "timestamp": event.get("timestamp")}
            self.metrics["delta_triggers"] += 1
            for cb in self.callbacks:
                try:
                    cb(user_id, state)
                except Exception as e:
                    logger.error(f"Callback execution failed: {e}")
            if AUDIT == "audit":
                audit_logger.info(json.dumps({"action": "PRESENCE_DELTA_TRIGGERED", "userId": user_id, "newState": state, "latency_avg_ms": sum(self.metrics["latency_ms"]) / len(self.metrics["latency_ms"]) if self.metrics["latency_ms"] else 0}))

    async def run(self, user_ids: List[str]):
        await self.conn_manager.connect()
        await self.send_subscription(user_ids)
        await self.listen_for_updates()


def external_tracker_callback(user_id: str, state: str):
    print(f"[EXTERNAL TRACKER] User {user_id} changed to {state} at {datetime.now(timezone.utc).isoformat()}")


async def main():
    with open(USERS, encoding="utf-8") as users:
        target_users = users.read().split()
    subscriber = GenesysPresenceSubscriber()
    subscriber.register_callback(external_tracker_callback)
    await subscriber.run(target_users)
    sys.stdout.flush()
    subscriber.conn_manager.ws.transport.abort()


if __name__ == "__main__":
    asyncio.run(main())
