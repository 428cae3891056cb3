import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("A command whose workflow is not here", .timeLimit(.minutes(5)))
struct CommandForwardingTests {
    private let bridge: ScriptedBridge
    private let refusal = Rejection(.unknownWorkflow, "no", of: Rejection.Addressee())

    init() throws {
        bridge = try ScriptedBridge()
    }

    /// Forwards a command that was published an hour ago, and which this bridge has known for that long, in milliseconds.
    private func forward(version: String? = nil, known: Int64 = 0) async throws -> Disposition {
        let entry = StreamEntry(id: StreamEntryID(milliseconds: UInt64(ScriptedBridge.now - 3_600_000), sequence: 0), fields: [])
        let delivery = Delivery(entry, from: .commands, firstSeen: ScriptedBridge.now - known, at: ScriptedBridge.now)
        return try await bridge.forwarding.forward(delivery, to: "v", version, orThrow: refusal)
    }

    private func list(_ listings: String...) {
        bridge.redis.answer("ZRANGEBYSCORE", .value(.array(listings.flatMap { [.text($0), .text("1700000009000")] })))
    }

    @Test("goes to a live bridge that has it, in the version it asks for")
    func forwarded() async throws {
        list("v@1/b", "w@1/x", "v@2/old", "nonsense", "v@1/other")
        bridge.redis.answer("XCLAIM", .list())
        #expect(try await forward(version: "1") == .done)
        #expect(bridge.redis.requests[0].arguments.prefix(3) == ["p:workflows", "1700000000000.0", "inf"])
        #expect(bridge.redis.requests[1].arguments.prefix(3) == ["p:commands", BusKeys.group, "other"])
        #expect(bridge.redis.requests[1].arguments.contains("1699996400000-0"))
    }

    @Test("is refused after a moment where no bridge has ever had it, under any version, and waits where that can't be told")
    func neverThere() async throws {
        bridge.redis.always("XCLAIM", .list())
        bridge.redis.answer("ZSCORE", .value(.null), .value(.null), .refusal("WRONGTYPE"), .text("5"))
        list()
        #expect(try await forward(known: 3_000) == .left(until: ScriptedBridge.now + 2_000))
        list()
        let rejection = await #expect(throws: Rejection.self) { try await forward(version: "1", known: 5_000) }
        #expect(rejection == refusal)
        #expect(bridge.redis.requests("ZSCORE").map(\.arguments) == [["p:known", "v@"], ["p:known", "v@"]])
        for _ in 0..<2 {
            list()
            #expect(try await forward(known: 5_000) == .left(until: ScriptedBridge.now + 5_000))
        }
    }

    @Test("waits a heartbeat for one, at most until its time is over, and stays this bridge's meanwhile")
    func waiting() async throws {
        bridge.redis.always("XCLAIM", .list())
        bridge.redis.always("ZSCORE", .text("5"))
        list("v@1/b")
        #expect(try await forward() == .left(until: ScriptedBridge.now + 5_000))
        list("v@2/other")
        #expect(try await forward(version: "1", known: 28_000) == .left(until: ScriptedBridge.now + 2_000))
        #expect(
            bridge.redis.requests("XCLAIM").map { Array($0.arguments.prefix(3)) }
                == Array(repeating: ["p:commands", BusKeys.group, "b"], count: 2))
    }

    @Test("is refused once this bridge has known it for long, however old it is")
    func refused() async throws {
        list()
        bridge.redis.answer("ZSCORE", .text("5"))
        let rejection = await #expect(throws: Rejection.self) { try await forward(known: 30_000) }
        #expect(rejection == refusal)
    }

    @Test("is refused by what is missing: the workflow, or its version")
    func missing() {
        let refuse = { (code: RejectionCode, message: String) in Rejection(code, message, of: Rejection.Addressee()) }
        #expect(bridge.forwarding.missing("v", nil, refuse).code == .unknownWorkflow)
        #expect(bridge.forwarding.missing("w", "9", refuse).code == .versionMismatch)
    }
}
