import RedisServerFixture
import Testing

@testable import CanoRedis

@Suite("Stream commands with a real server", .timeLimit(.minutes(5)))
struct StreamCommandTests {
    @Test("add, range, trim and delete")
    func entries() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                #expect(try await client.execute(XADD("none", [("a", [1])], makesStream: false)) == nil)
                var ids: [StreamEntryID] = []
                for value in 0..<5 {
                    ids.append(try #require(try await client.execute(XADD("s", [("f", [UInt8(value), 0xFF])]))))
                }
                #expect(ids == ids.sorted())
                #expect(try await client.execute(XLEN("s")) == 5)
                #expect(try await client.execute(XRANGE("s", from: ids[1], count: 2)).map(\.id) == [ids[1], ids[2]])
                #expect(try await client.execute(XRANGE("s", from: ids[1].next, through: ids[2])).map(\.id) == [ids[2]])
                #expect(try await client.execute(XREVRANGE("s", count: 1)).first?["f"] == [4, 0xFF])
                #expect(try await client.execute(XDEL("s", [ids[0], ids[0]])) == 1)
                #expect(try await client.execute(XTRIM("s", to: .minimumID(ids[3]), isExact: true)) == 2)
                #expect(try await client.execute(XTRIM("s", to: .maximumLength(100), limit: 10)) == 0)
                #expect(try await client.execute(XLEN("s")) == 2)
            }
        }
    }

    @Test("tell what a stream is like, also once all of it was trimmed, and that there is none")
    func information() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                #expect(try await client.execute(XINFO.STREAM("s")) == nil)
                var ids: [StreamEntryID] = []
                for value in 0..<4 { ids.append(try #require(try await client.execute(XADD("s", texts: [("n", "\(value)")])))) }
                _ = try await client.execute(XTRIM("s", to: .maximumLength(2), isExact: true))
                #expect(
                    try await client.execute(XINFO.STREAM("s"))
                        == StreamInformation(length: 2, entriesAdded: 4, lastGeneratedID: ids[3], firstID: ids[2]))
                _ = try await client.execute(XTRIM("s", to: .maximumLength(0), isExact: true))
                #expect(
                    try await client.execute(XINFO.STREAM("s"))
                        == StreamInformation(length: 0, entriesAdded: 4, lastGeneratedID: ids[3], firstID: nil))
                _ = try await client.execute(SET("text", "x"))
                await #expect(throws: RedisError.self) { try await client.execute(XINFO.STREAM("text")) }
            }
        }
    }

    @Test("read as a group, list what is pending, hand it over and acknowledge it")
    func groups() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await withBlockingClient(server.url) { reader in
                    #expect(try await client.execute(XGROUP.CREATE("s", "g")))
                    #expect(try await client.execute(XGROUP.CREATE("s", "g")) == false)
                    for value in 0..<4 { _ = try await client.execute(XADD("s", texts: [("n", "\(value)")])) }
                    let read = try await reader.execute(XREADGROUP("g", "ann", [("s", nil)], count: 3, block: .milliseconds(1)))
                    let ids = try #require(read.first).entries.map(\.id)
                    #expect(ids.count == 3)
                    let pending = try await client.execute(XPENDING("s", "g", count: 10, consumer: "ann"))
                    #expect(pending.map(\.id) == ids)
                    #expect(pending.allSatisfy { $0.consumer == "ann" && $0.deliveries == 1 })
                    #expect(try await client.execute(XPENDING("s", "g", idle: .seconds(1000), count: 10)).isEmpty)
                    #expect(try await client.execute(XCLAIM("s", "g", "bob", minimumIdle: .zero, [ids[0]])) == [ids[0]])
                    _ = try await client.execute(XDEL("s", [ids[1]]))
                    let own = try await reader.execute(XREADGROUP("g", "ann", [("s", .zero)]))
                    #expect(own.first?.entries.map(\.fields.count) == [0, 1])
                    let claimed = try await client.execute(XAUTOCLAIM("s", "g", "bob", minimumIdle: .zero, count: 10))
                    #expect(claimed.entries.map(\.id) == [ids[0], ids[2]])
                    #expect(claimed.deletedIDs == [ids[1]])
                    #expect(claimed.cursor == .zero)
                    #expect(try await client.execute(XACK("s", "g", [ids[0], ids[2], ids[2]])) == 2)
                    let consumers = try await client.execute(XINFO.CONSUMERS("s", "g"))
                    #expect(Set(consumers.map(\.name)) == ["ann", "bob"])
                    #expect(consumers.allSatisfy { $0.pending == 0 })
                    #expect(try await client.execute(XGROUP.DELCONSUMER("s", "g", "bob")) == 0)
                }
            }
        }
    }

    @Test("refuse to read without a group, by its code")
    func noGroup() async throws {
        try await withRedisServer { server in
            try await withBlockingClient(server.url) { reader in
                let error = await #expect(throws: RedisError.self) {
                    try await reader.execute(XREADGROUP("g", "c", [("s", nil)], block: .milliseconds(1)))
                }
                #expect(error?.serverError?.code == "NOGROUP")
            }
        }
    }
}
