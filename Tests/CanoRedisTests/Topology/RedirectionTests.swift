import Testing

@testable import CanoRedis

@Suite("Where a node sends to", .timeLimit(.minutes(5)))
struct RedirectionTests {
    private static let asked = RedisAddress.host("seed", port: 7_000)

    @Test(
        "is read from MOVED, whatever form the host has",
        arguments: [
            ("MOVED 3999 10.0.0.7:6381", RedisAddress.host("10.0.0.7", port: 6_381)),
            ("MOVED 3999 node-b.example:6381", .host("node-b.example", port: 6_381)),
            ("MOVED 3999 ::1:6381", .host("::1", port: 6_381)), ("MOVED 3999 [::1]:6381", .host("::1", port: 6_381)),
            // A host that is not told is the one that was asked.
            ("MOVED 3999 :6381", .host("seed", port: 6_381)), ("MOVED 3999 ?:6381", .host("seed", port: 6_381)),
        ])
    func moved(_ message: String, address: RedisAddress) throws {
        let redirection = try #require(Redirection(RedisServerError(message: message), by: Self.asked))
        #expect(redirection.slot.number == 3_999)
        #expect(redirection.address == address)
    }

    @Test("is on this machine where a unix socket was asked")
    func socket() {
        let redirection = Redirection(RedisServerError(message: "MOVED 1 :7001"), by: .unixSocket(path: "/a"))
        #expect(redirection?.address == .host("127.0.0.1", port: 7_001))
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "ASK 3999 10.0.0.7:6381", "MOVED", "MOVED 3999", "MOVED 16384 a:1", "MOVED x a:1", "MOVED 1 a", "MOVED 1 a:0",
            "MOVED 1 a:70000", "MOVED 1 a:b", "MOVED 1 a:1 more", "CLUSTERDOWN The cluster is down",
        ])
    func others(_ message: String) {
        #expect(Redirection(RedisServerError(message: message), by: Self.asked) == nil)
    }
}
