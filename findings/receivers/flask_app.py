from flask import Flask, request

from verify import status_of

app = Flask(__name__)


@app.post("/hooks/")
def receive():
    return "", status_of(request.get_data(), request.headers)
