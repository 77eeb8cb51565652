from fastapi import FastAPI, Request, Response

from verify import status_of

app = FastAPI()


@app.post("/hooks/")
async def receive(request: Request):
    return Response(status_code=status_of(await request.body(), request.headers))
