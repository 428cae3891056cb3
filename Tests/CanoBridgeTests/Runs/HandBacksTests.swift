import Testing

@testable import CanoBridge

@Suite("The runs that are handed back", .timeLimit(.minutes(1)))
struct HandBacksTests {
    @Test("are let go once their sessions are gone, each once")
    func ready() throws {
        let bridge = try ScriptedBridge()
        let (here, gone) = (bridge.session("here"), bridge.session("gone", isListed: false))
        #expect(bridge.handBacks.takeReady() == [])
        bridge.handBacks.add([here.identity, gone.identity])
        #expect(bridge.handBacks.takeReady() == [gone.identity])
        #expect(bridge.handBacks.takeReady() == [])
        bridge.sessions.remove(here)
        #expect(bridge.handBacks.takeReady() == [here.identity])
    }
}
