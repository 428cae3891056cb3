import CanoCore
import CanoRedis
import CanoTesting
import RedisServerFixture
import Testing

@testable import CanoRedisStores

extension StoreKey<Int> { fileprivate static var stock: Self { "stock" } }
extension StoreKey<[Int]> { fileprivate static var list: Self { "list" } }

@Suite("A store in Redis", .timeLimit(.minutes(5)))
struct RedisStoreTests {
    @Test("is a store like any other, however many write to it at once", arguments: StoreConformance.all + [.concurrent, .bounded])
    func conformance(_ check: StoreConformance) async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in try await check(RedisStore("store", on: client)) }
        }
    }

    @Test("is a hash of JSON that anyone can read, and reads what anyone has put there")
    func open() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let store = RedisStore("store", on: client)
                try await store.put(["path": "a/b"], for: "map")
                _ = try await store.increment(.stock, by: 3)
                try await store.append(1, to: .list)
                try await store.append(2, to: .list)
                let fields = try await client.execute(HGETALL("store")).map { (text($0.field), text($0.value)) }
                #expect(Dictionary(uniqueKeysWithValues: fields) == ["map": #"{"path":"a/b"}"#, "stock": "3", "list": "[1,2]"])
                _ = try await client.execute(HSET("store", "list", " [ 7 ,8 ]\n"))
                try await store.append(9, to: .list)
                #expect(try await store.get(.list) == [7, 8, 9])
                _ = try await client.execute(HSET("store", "list", "[ ]"))
                try await store.append(9, to: .list)
                #expect(try await store.get(.list) == [9])
            }
        }
    }

    @Test("refuses what does not fit, and leaves it alone", arguments: [#""text""#, "1.5", #"{"a":1}"#, "null"])
    func mismatch(_ json: String) async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let store = RedisStore("store", on: client)
                _ = try await client.execute(HSET("store", "stock", json))
                let error = await #expect(throws: CanoError.self) { try await store.increment(.stock, by: 1) }
                #expect(error?.category == .store)
                #expect(error?.isRetryable == false)
                await #expect(throws: CanoError.self) { try await store.append(1, to: "stock") }
                #expect(try await client.execute(HGET("store", "stock")).map(text) == json)
            }
        }
    }

    @Test("does not count past the range of 64 bits")
    func overflow() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let store = RedisStore("store", on: client)
                try await store.put(Int.max, for: .stock)
                let error = await #expect(throws: CanoError.self) { try await store.increment(.stock, by: 1) }
                #expect(error?.category == .store)
                #expect(try await store.get(.stock) == Int.max)
            }
        }
    }

    @Test("says of a lost increment that it may have happened, and repeats what is harmless")
    func lostReplies() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(proxy.url) { client in
                    let store = RedisStore("store", on: client)
                    proxy.loseReply(toRequestWith: "HINCRBY")
                    let error = await #expect(throws: CanoError.self) { try await store.increment(.stock, by: 1) }
                    #expect((error?.underlying as? RedisError)?.mayHaveBeenExecuted == true)
                    #expect(try await store.get(.stock) == 1)
                    proxy.loseReply(toRequestWith: "HSET")
                    try await store.put(5, for: .stock)
                    proxy.loseReply(toRequestWith: "HDEL")
                    try await store.remove(StoreKey<Int>.stock)
                    #expect(try await store.get(.stock) == nil)
                    #expect(proxy.faultCount == 3)
                }
            }
        }
    }

    @Test("is no store when its key holds something else")
    func wrongType() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                _ = try await client.execute(SET("store", "text"))
                let store = RedisStore("store", on: client)
                await #expect(throws: CanoError.self) { try await store.get(.stock) }
                await #expect(throws: CanoError.self) { try await store.put(1, for: .stock) }
                await #expect(throws: CanoError.self) { try await store.append(1, to: .list) }
                #expect(try await client.execute(GET("store")).map(text) == "text")
            }
        }
    }
}

func text(_ bytes: RESPBytes) -> String { String(decoding: bytes, as: UTF8.self) }
