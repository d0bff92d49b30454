"""A WebSub hub on loopback: Flask-WebSub's, its tasks done at once, so that it asks back before it has answered.

Whoever wants its subscribers told posts hub.mode=publish and hub.topic. Usage: hub.py PORT FILE
"""
import sys

from celery import Celery
from flask import Flask
from flask_websub.hub import Hub, SQLite3HubStorage

port, file = int(sys.argv[1]), sys.argv[2]
celery = Celery("hub", broker="memory://")
celery.conf.task_always_eager = True
hub = Hub(SQLite3HubStorage(file), celery)
app = Flask("hub")
app.config["PUBLISH_SUPPORTED"] = True
app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))
app.run("127.0.0.1", port, threaded=True)
