"""Clients that know what they were answered, and hold the service to it."""

import base64
import collections
import concurrent.futures
import json
import random
import threading
import time

from machines import Unanswered, ask

PASSWORD = "correct horse battery staple 42"
GRACE = 3.0  # of machines.CONFIGURATION
NODE_BOUND = 5.0  # a node that did not read the log for so long says that it is not ready
VERIFIER_BOUND = 2.0  # max_staleness
LOGINS_AN_ACCOUNT = 50  # well below sessions.most_per_account
PATIENCE = 120.0  # for a service that is killed over and over to answer
MARGIN = 1.0  # for what both ends of a bound round


class Broken(Exception):
    """A promise was."""


def expiry(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]


class Session:
    def __init__(self, username, pair):
        self.username = username
        self.spent = None  # the refresh token before this one
        self.ending = False  # an end was asked for, and may have been carried out
        self.ended_at = None  # when that was answered
        self.take(pair)

    def take(self, pair):
        self.access, self.refresh = pair["access_token"], pair["refresh_token"]
        self.expires_at = expiry(self.access)
        self.rotated_at = time.monotonic()

    def expires_soon(self):
        return time.time() > self.expires_at - 30


class Ended:
    """An access token that must not work any more."""

    def __init__(self, text, expires_at, ended_at, why):
        self.text, self.expires_at, self.ended_at, self.why = text, expires_at, ended_at, why


class Storm:
    def __init__(self, machines, seed):
        self.machines, self.seed = machines, seed
        self.lock = threading.Lock()
        self.accounts = {}  # username: logins
        self.live, self.dead = [], []
        self.ended = []
        self.done, self.latest = collections.Counter(), collections.Counter()
        self.broken = []
        self.stopping = threading.Event()
        self.threads = []
        self.pool = concurrent.futures.ThreadPoolExecutor(8)

    # --- asking ---

    def ask(self, chance, *arguments, **more):
        """Asks some node, and another, until one gives a definite answer: the answer, and whether an earlier try may have
        been carried out. A 503 may be one: the database went away while it was asked."""
        unsure, end = False, time.monotonic() + PATIENCE
        while time.monotonic() < end:
            node = chance.choice(self.machines.nodes)
            try:
                status, body = ask(node.address, *arguments, **more)
            except Unanswered:
                self.done["requests unanswered"] += 1
            else:
                if status not in (500, 503):
                    return status, body, unsure
                if status == 500:
                    raise Broken(f"{arguments} was answered 500 by {node.address}")
                self.done["requests answered 503"] += 1
            unsure = True
            time.sleep(0.05)
        raise Broken(f"{arguments[:2]}: no answer in {PATIENCE:.0f} s")

    # --- what clients do ---

    def sign_up(self, chance):
        with self.lock:
            username = f"user{len(self.accounts)}"
            self.accounts[username] = LOGINS_AN_ACCOUNT  # not to be used yet
        status, body, unsure = self.ask(chance, "POST", "/signup", {"username": username, "password": PASSWORD})
        if status != 201 and not (status == 409 and unsure):
            raise Broken(f"signup of {username} was answered {status} {body}")
        with self.lock:
            self.accounts[username] = 0
        return username

    def begin(self, chance, username):
        status, body, _ = self.ask(chance, "POST", "/login", {"username": username, "password": PASSWORD})
        if status != 200:
            raise Broken(f"{username} signed up and cannot log in: {status} {body}")
        return Session(username, body)

    def log_in(self, chance):
        with self.lock:
            usable = [name for name, logins in self.accounts.items() if logins < LOGINS_AN_ACCOUNT]
            username = chance.choice(usable) if usable else None
            if username:
                self.accounts[username] += 1
        if username:
            self.give_back(self.begin(chance, username))

    def rotate(self, chance, session):
        sent = time.monotonic()
        status, body, unsure = self.ask(chance, "POST", "/refresh", {"refresh_token": session.refresh})
        if status == 200:
            return self.rotated(session, body)
        late = unsure and time.monotonic() - sent > GRACE
        if status == 400 and late:  # the answer that was lost was a good one, and its successor is lost as well
            self.done["sessions lost to a late repetition"] += 1
            return self.end(session, "a refresh that was repeated too late")
        raise Broken(f"a good refresh token of {session.username} was answered {status} {body}; "
                     f"asked before: {unsure}, {time.monotonic() - sent:.1f} s ago")

    def rotated(self, session, body):
        if body["refresh_token"] == session.refresh:
            raise Broken("a refresh token is its own successor")
        session.spent = session.refresh
        with self.lock:
            session.take(body)

    def rotate_twice(self, chance, session):
        """Two at once, at any nodes: one successor, whoever gets it."""
        sent = time.monotonic()

        def present(node):
            try:
                return ask(node.address, "POST", "/refresh", {"refresh_token": session.refresh})
            except Unanswered:
                return None, None

        answers = list(self.pool.map(present, chance.choices(self.machines.nodes, k=2)))
        good = [body for status, body in answers if status == 200]
        if len({body["refresh_token"] for body in good}) > 1:
            raise Broken(f"two live successors of one refresh token of {session.username}")
        refused = any(status == 400 for status, _ in answers)
        if refused and time.monotonic() - sent < GRACE:
            raise Broken(f"a good refresh token was refused to the second who asked: {answers}")
        if refused:
            self.end(session, "a refresh that was repeated too late")
        elif good:
            self.rotated(session, good[0])
        else:
            self.rotate_after(chance, session, sent)

    def rotate_after(self, chance, session, sent):
        """`rotate`, when earlier requests may have been carried out."""
        status, body, _ = self.ask(chance, "POST", "/refresh", {"refresh_token": session.refresh})
        if status == 200:
            return self.rotated(session, body)
        if status == 400 and time.monotonic() - sent > GRACE:
            return self.end(session, "a refresh that was repeated too late")
        raise Broken(f"a good refresh token of {session.username} was answered {status} {body} after two tries")

    def replay(self, chance, session):
        """A spent token, after the grace: the session is over for thief and victim."""
        if session.spent is None or time.monotonic() - session.rotated_at < GRACE + MARGIN:
            return
        self.ending(session)
        status, body, _ = self.ask(chance, "POST", "/refresh", {"refresh_token": session.spent})
        if status != 400:
            raise Broken(f"a refresh token of {session.username} that was spent was answered {status} {body}")
        self.end(session, "reuse of a spent refresh token")

    def log_out(self, chance, session):
        if session.expires_soon():
            return self.rotate(chance, session)
        self.ending(session)
        status, body, unsure = self.ask(chance, "POST", "/logout", token=session.access)
        if status != 204 and not (status == 401 and unsure):
            raise Broken(f"a logout of {session.username} was answered {status} {body}")
        self.end(session, "logout")

    def revoke(self, chance, session):
        self.ending(session)
        status, body, _ = self.ask(chance, "POST", "/revoke", form={"token": session.refresh})
        if status != 200:
            raise Broken(f"a revocation was answered {status} {body}")
        self.end(session, "revocation of its refresh token")

    def revoke_one_token(self, chance, session):
        session.ending = True
        text, expires_at = session.access, session.expires_at
        status, body, _ = self.ask(chance, "POST", "/revoke", form={"token": text})
        if status != 200:
            raise Broken(f"a revocation was answered {status} {body}")
        with self.lock:
            self.ended.append(Ended(text, expires_at, time.monotonic(), "revocation of the token"))
        self.rotate(chance, session)
        session.ending = session.ended_at is not None

    def log_out_everywhere(self, chance, _=None):
        username = self.sign_up(chance)
        with self.lock:
            self.accounts[username] = LOGINS_AN_ACCOUNT
        sessions = [self.begin(chance, username) for _ in range(3)]
        status, body, unsure = self.ask(chance, "POST", "/logout?scope=all", token=sessions[0].access)
        if status != 204 and not (status == 401 and unsure):
            raise Broken(f"a logout everywhere of {username} was answered {status} {body}")
        for session in sessions:
            self.end(session, "logout everywhere")

    @staticmethod
    def ending(session):
        session.ending = True

    def end(self, session, why):
        session.ending, session.ended_at = True, time.monotonic()
        with self.lock:
            self.ended.append(Ended(session.access, session.expires_at, session.ended_at, why))
            self.dead.append(session)

    # --- what everybody checks ---

    def check_live(self, chance):
        with self.lock:
            session = chance.choice(self.live) if self.live else None
            text = session.access if session else None
        if session is None or session.expires_soon():
            return
        place = chance.choice([*self.machines.nodes, *self.machines.verifiers])
        status = self.present(place, text)
        if status == 401 and not session.ending and text == session.access and not session.expires_soon():
            raise Broken(f"a good token was refused by {place.address}")

    def check_ended(self, chance):
        with self.lock:
            recent = self.ended[-50:] if chance.random() < 0.8 else self.ended
            token = chance.choice(recent) if recent else None
        if token is None or time.time() > token.expires_at - 5:
            return
        self.check(chance.choice([*self.machines.nodes, *self.machines.verifiers]), token)

    def check(self, place, token):
        verifier = place in self.machines.verifiers
        bound = VERIFIER_BOUND if verifier else NODE_BOUND
        asked = time.monotonic()
        # Asked before the token is presented: what is known only grows, so if the token is accepted afterwards, nothing
        # that was heard by now can be younger than the end of the session.
        staleness = place.staleness() if verifier else None
        sent = time.monotonic()
        if self.present(place, token.text) != 200:
            return
        late = sent - token.ended_at
        which = f"verifiers that {place.policy}" if verifier else "nodes"
        with self.lock:
            self.latest[which] = max(self.latest[which], late)
        if verifier and staleness < asked - token.ended_at - 0.01:
            raise Broken(f"the verifier {place.address} accepted a token {late:.3f} s after its end was answered ({token.why}), "
                         f"and claimed to be {staleness:.3f} s late at most")
        if late > bound and not (verifier and place.policy == "allow") and (verifier or place.ready()):
            raise Broken(f"{place.address} accepted a token {late:.3f} s after its end was answered ({token.why})")

    def present(self, place, text):
        path = "/hello" if place in self.machines.verifiers else "/profile"
        self.done["verifications"] += 1
        try:
            return ask(place.address, "GET", path, token=text)[0]
        except Unanswered:
            if path == "/hello":
                raise  # nobody kills verifiers
            return None

    # --- running ---

    def take(self, chance):
        with self.lock:
            return self.live.pop(chance.randrange(len(self.live))) if self.live else None

    def give_back(self, session):
        if session.ended_at is None:
            with self.lock:
                self.live.append(session)

    CHOICES = {"log_in": 14, "sign_up": 2, "rotate": 16, "rotate_twice": 5, "replay": 4, "log_out": 6, "revoke": 3,
               "revoke_one_token": 2, "log_out_everywhere": 1, "check_live": 20, "check_ended": 40}
    ALONE = ("log_in", "sign_up", "log_out_everywhere", "check_live", "check_ended")

    def one(self, chance):
        name = chance.choices(list(self.CHOICES), list(self.CHOICES.values()))[0]
        if name in self.ALONE:
            getattr(self, name)(chance)
        else:
            session = self.take(chance)
            if session is None:
                return
            getattr(self, name)(chance, session)
            self.give_back(session)
        self.done[name.replace("_", " ")] += 1

    def run(self, number, pause):
        chance = random.Random(f"{self.seed}/client/{number}")
        while not self.stopping.is_set():
            self.guard(self.one, chance)
            time.sleep(chance.uniform(0, 2 * pause))

    def guard(self, action, *arguments):
        """Whatever goes wrong is evidence."""
        try:
            action(*arguments)
        except Exception as failure:  # noqa: BLE001
            self.report(repr(failure) if not isinstance(failure, Broken) else str(failure))

    def report(self, what):
        with self.lock:
            self.broken.append(f"{time.strftime('%H:%M:%S')} {what}")

    def start(self, threads, pause):
        for number in range(threads):
            thread = threading.Thread(target=self.run, args=(number, pause), daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    # --- at the end, when everything is there again ---

    def settle(self, most):
        """What was answered is still so: at every node, and at every verifier."""
        chance = random.Random(f"{self.seed}/end")
        some = lambda things: chance.sample(things, min(most, len(things)))  # noqa: E731
        for username in some(list(self.accounts))[:most // 5]:
            self.guard(self.begin, chance, username)
        places = [*self.machines.nodes, *self.machines.verifiers]
        for token in some(self.ended):
            if time.time() < token.expires_at - 5:
                for place in places:
                    if self.present(place, token.text) != 401:
                        self.report(f"at the end, {place.address} does not refuse a token that was ended by {token.why}")
        for session in some(self.dead):
            status, body, _ = self.ask(chance, "POST", "/refresh", {"refresh_token": session.refresh})
            if status != 400:
                self.report(f"at the end, a session that was ended can be refreshed: {status} {body}")
        for session in some(self.live):
            if not session.expires_soon():
                for place in places:
                    if (status := self.present(place, session.access)) != 200:
                        self.report(f"at the end, {place.address} answers {status} to a good token")
            self.guard(self.rotate, chance, session)
            self.done["sessions checked at the end"] += 1
