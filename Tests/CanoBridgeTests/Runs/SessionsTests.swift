import CanoCore
import Synchronization
import Testing

@testable import CanoBridge

@Suite("The runs of a bridge", .timeLimit(.minutes(5)))
struct SessionsTests {
    private let bridge: ScriptedBridge
    private var sessions: Sessions { bridge.sessions }

    init() throws {
        bridge = try ScriptedBridge()
    }

    @Test("have one session each: a run is in hand from the question to the end")
    func oneSession() {
        let session = bridge.session("a", isListed: false)
        #expect(sessions.reserve("a"))
        #expect(!sessions.reserve("a") && sessions.isInHand("a"))
        sessions.add(session)
        sessions.unreserve("a")
        #expect(!sessions.reserve("a"))
        sessions.remove(session)
        #expect(sessions.reserve("a"))
        sessions.unreserve("a")
        sessions.beginAccepting(session)
        #expect(!sessions.reserve("a"))
        sessions.endAccepting(session)
        #expect(!sessions.isInHand("a"))
    }

    @Test("keep a session when an older one of the same run comes to its end")
    func olderSession() {
        let (old, new) = (bridge.session("a"), bridge.session("a", epoch: 3))
        sessions.remove(old)
        #expect(sessions.session(of: "a") === new)
        sessions.remove(new)
        #expect(sessions.session(of: "a") == nil)
    }

    @Test("are followed by what was to be done once they are out of hand, and by the last of it alone")
    func afterwards() {
        let done = Mutex<[String]>([])
        let note = { @Sendable (word: String) in done.withLock { $0.append(word) } }
        sessions.afterwards("a") { note("at once") }
        #expect(done.withLock(\.self) == ["at once"])
        let session = bridge.session("a", isListed: false)
        #expect(sessions.reserve("a"))
        sessions.add(session)
        for word in ["first", "last"] { sessions.afterwards("a") { note(word) } }
        sessions.remove(session)
        #expect(done.withLock(\.self) == ["at once"], "it is still asked for")
        sessions.unreserve("a")
        sessions.unreserve("a")
        #expect(done.withLock(\.self) == ["at once", "last"])
        sessions.beginAccepting(session)
        sessions.afterwards("a") { note("accepted") }
        sessions.endAccepting(session)
        #expect(done.withLock(\.self) == ["at once", "last", "accepted"])
    }

    @Test("are all stopped together, also those that Redis has not confirmed yet")
    func stopped() {
        let running = bridge.session("a")
        let accepting = bridge.session("b", isListed: false)
        sessions.beginAccepting(accepting)
        #expect(!sessions.isDraining)
        sessions.drain()
        #expect(sessions.isDraining && running.control.stopReason == nil, "draining stops none")
        sessions.stopAll(.handBack)
        #expect(running.control.stopReason == .handBack && accepting.control.stopReason == .handBack)
    }
}
