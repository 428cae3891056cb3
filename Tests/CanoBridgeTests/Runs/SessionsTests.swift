import CanoCore
import Testing

@testable import CanoBridge

@Suite("The runs of a bridge", .timeLimit(.minutes(1)))
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
