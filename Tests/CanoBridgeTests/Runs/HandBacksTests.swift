import Testing

@testable import CanoBridge

@Suite("The runs that are handed back", .timeLimit(.minutes(5)))
struct HandBacksTests {
    @Test("are let go once their sessions are gone, each once")
    func ready() throws {
        let bridge = try ScriptedBridge()
        func takeReady() -> [String] { bridge.handBacks.takeReady().map(\.run) }
        let (here, gone) = (bridge.session("here"), bridge.session("gone", isListed: false))
        #expect(takeReady() == [])
        bridge.handBacks.add([here.identity, gone.identity])
        #expect(takeReady() == ["gone"])
        #expect(takeReady() == [])
        bridge.sessions.remove(here)
        #expect(takeReady() == ["here"])
    }
}
