"""A mail server that keeps every message: sink.py MAILDIR PORT. AUTH is offered (cm, cm-pass), never asked for.

The part before the @ of a recipient makes it misbehave:
bounce     550: nobody of that name
greylist   451: try again later
hang       ten minutes without an answer after the message
dropafter  the message is kept, and the connection closed before the answer
"""

import asyncio
import sys

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult


class Box(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "bounce":
            return "550 5.1.1 no such user"
        if name == "greylist":
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        names = {address.split("@")[0] for address in envelope.rcpt_tos}
        if "hang" in names:
            await asyncio.sleep(600)
        answer = await super().handle_DATA(server, session, envelope)
        if "dropafter" in names:
            server.transport.close()
        return answer


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"cm", b"cm-pass"), handled=False)


class Loopback(UnthreadedController):
    def factory(self):
        return SMTP(self.handler, authenticator=authenticate, auth_require_tls=False, enable_SMTPUTF8=True, loop=self.loop)


loop = asyncio.new_event_loop()
Loopback(Box(sys.argv[1]), hostname="127.0.0.1", port=int(sys.argv[2]), loop=loop).begin()
loop.run_forever()
