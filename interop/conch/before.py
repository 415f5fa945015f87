from twisted.conch.ssh.userauth import SSHUserAuthClient
from twisted.internet import defer


class Auth(SSHUserAuthClient):
    preferredOrder = [b"publickey", b"password", b"keyboard-interactive"]

    def __init__(self, user, connection, keys, ask):
        super().__init__(user, connection)
        self.keys, self.ask = keys, ask  # private keys; a function that returns a Deferred

    def getPublicKey(self):
        self.current = self.keys.pop(0) if self.keys else None
        return self.current and self.current.public()

    def getPrivateKey(self):
        return defer.succeed(self.current)

    def getPassword(self, prompt=None):
        return self.ask(prompt or b"Password: ")

    def getGenericAnswers(self, name, instruction, prompts):
        return defer.gatherResults([self.ask(text) for text, echo in prompts])
