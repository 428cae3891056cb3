import Testing

@testable import CanoRedis

@Suite("The search for a server", .timeLimit(.minutes(5)))
struct ServerSearchTests {
    private typealias Attempt = ServerSearch.Attempt

    private static func address(_ name: String) -> RedisAddress { .host(name, port: 1) }

    private static func search(_ names: String..., sentinels: Bool = false, key: String? = nil) -> ServerSearch {
        var configuration = RedisConfiguration(address: address(names[0]))
        configuration.furtherAddresses = names.dropFirst().map { address($0) }
        configuration.clusterKey = key
        if sentinels { configuration.sentinel = RedisConfiguration.Sentinel(primary: "p") }
        return ServerSearch(configuration)
    }

    /// What a node says of a cluster of which each shard has a primary and a replica.
    private static func slots(_ shards: (primary: String, replica: String)...) throws -> ClusterSlots {
        let size = 16_384 / shards.count
        let reply = shards.enumerated().map { index, shard -> RESPValue in
            let last = index + 1 == shards.count ? 16_383 : (index + 1) * size - 1
            return .array(
                [.integer(Int64(index * size)), .integer(Int64(last))]
                    + [shard.primary, shard.replica].map { .array([.bulk(Array($0.utf8)), .integer(1)]) })
        }
        return try #require(ClusterSlots(.array(reply), by: address("seed")))
    }

    private func next(_ search: inout ServerSearch) -> String {
        let attempt = search.next()
        guard case .host(let host, _) = attempt.address else { return "?" }
        return attempt.isSentinel ? "sentinel \(host)" : host
    }

    @Test("for the only address there is leads there each time, after pauses that grow")
    func single() {
        var search = Self.search("a")
        #expect(!search.hasAlternatives)
        for _ in 0..<3 {
            #expect(next(&search) == "a")
            #expect(search.failed() == .growing)
        }
        #expect(next(&search) == "a")
        search.found()
        #expect(search.lost(.gone) == .growing)
        #expect(next(&search) == "a")
        search.found()
        #expect(search.lost(.unfit) == .unfit)
    }

    @Test("tries one seed after another at once, and pauses after each round")
    func seeds() {
        var search = Self.search("a", "b", "c")
        #expect(search.hasAlternatives)
        var tried: [String] = []
        var paces: [ServerSearch.Pace] = []
        for _ in 0..<6 {
            tried.append(next(&search))
            paces.append(search.failed())
        }
        #expect(tried == ["a", "b", "c", "a", "b", "c"])
        #expect(paces == [.atOnce, .atOnce, .growing, .atOnce, .atOnce, .growing])
    }

    @Test("goes at once where a node sends it, and asks another one soon when that is gone")
    func named() throws {
        var search = Self.search("a", "b", key: "{foo}")
        #expect(next(&search) == "a")
        // `foo` is in the last third.
        let slots = try Self.slots(("x", "x2"), ("y", "y2"), ("z", "z2"))
        #expect(search.sent(to: Self.address("z"), knowing: slots) == .atOnce)
        #expect(next(&search) == "z")
        #expect(search.failed() == .brief)
        // The round goes on where it was, and after it come the nodes that were told of, those first that will know first.
        #expect(next(&search) == "b")
        #expect(search.failed() == .brief)
        #expect([next(&search), next(&search), next(&search)] == ["z2", "x", "y"])
    }

    @Test("asks the replicas first once a primary is lost, and the lost one last")
    func lostPrimary() throws {
        var search = Self.search("seed", key: "{foo}")
        _ = next(&search)
        let slots = try Self.slots(("x", "x2"), ("y", "y2"), ("z", "z2"))
        _ = search.sent(to: Self.address("z"), knowing: slots)
        #expect(next(&search) == "z")
        search.found(knowing: slots)
        #expect(search.lost(.gone) == .growing)
        var tried: [String] = []
        for _ in 0..<7 {
            tried.append(next(&search))
            _ = search.failed()
        }
        #expect(tried == ["seed", "z2", "x", "y", "x2", "y2", "z"])
    }

    @Test("follows MOVED at once, and learns the slot from it")
    func moved() throws {
        var search = Self.search("a", "b")
        _ = next(&search)
        search.found()
        let toB = try #require(Redirection(RedisServerError(message: "MOVED 12182 b:1"), by: Self.address("a")))
        #expect(search.lost(.moved(toB)) == .atOnce)
        #expect(search.slot?.number == 12_182)
        #expect(next(&search) == "b")
        search.found()
        // Two nodes that each hold the other for the right one must not be asked in a tight loop.
        let toA = try #require(Redirection(RedisServerError(message: "MOVED 12182 a:1"), by: Self.address("b")))
        #expect(search.lost(.moved(toA)) == .brief)
        #expect(next(&search) == "a")
        search.found()
        #expect(search.lost(.gone) == .growing)
    }

    @Test("goes back to where it was after a read was taken back, and asks only once that fails")
    func takenBack() {
        var search = Self.search("s1", "s2", sentinels: true)
        _ = next(&search)
        _ = search.sent(to: Self.address("primary"))
        _ = next(&search)
        search.found()
        search.takenBack()
        #expect(next(&search) == "primary")
        #expect(search.failed() == .brief)
        #expect(next(&search) == "sentinel s1")
    }

    @Test("does not run in circles when nodes send it around")
    func circles() {
        var search = Self.search("a", "b")
        var paces: [ServerSearch.Pace] = []
        for hop in 0..<6 {
            _ = search.next()
            paces.append(search.sent(to: Self.address(hop.isMultiple(of: 2) ? "b" : "a")))
        }
        #expect(paces == [.atOnce, .atOnce, .atOnce, .atOnce, .brief, .brief])
        _ = search.next()
        search.found()
        _ = search.lost(.gone)
        _ = search.next()
        #expect(search.sent(to: Self.address("b")) == .atOnce)
    }

    @Test("asks sentinels for the primary, and again each time that is lost or is none")
    func sentinels() {
        var search = Self.search("s1", "s2", "s3", sentinels: true)
        #expect(search.hasAlternatives)
        #expect(next(&search) == "sentinel s1")
        #expect(search.failed() == .atOnce)
        #expect(next(&search) == "sentinel s2")
        #expect(search.sent(to: Self.address("primary")) == .atOnce)
        #expect(next(&search) == "primary")
        search.found()
        // The one that has answered is asked first, since the other may still be silent.
        #expect(search.lost(.unfit) == .brief)
        #expect(next(&search) == "sentinel s2")
        #expect(search.sent(to: Self.address("primary")) == .atOnce)
        #expect(next(&search) == "primary")
        #expect(search.failed() == .brief)
        #expect(next(&search) == "sentinel s3")
        #expect(search.sent(to: Self.address("new")) == .atOnce)
        #expect(next(&search) == "new")
        search.found()
        #expect(search.lost(.gone) == .growing)
        #expect(next(&search) == "sentinel s3")
    }

    @Test("asks sentinels, too, when a primary has too few replicas to take writes, and not at once: it may be the primary all the same")
    func forsaken() {
        let refusal = RedisServerError(message: "NOREPLICAS Not enough good replicas to write.")
        var search = Self.search("s1", "s2", sentinels: true)
        _ = next(&search)
        _ = search.sent(to: Self.address("primary"))
        _ = next(&search)
        search.found()
        #expect(search.loss(after: refusal) == .forsaken)
        #expect(search.lost(.forsaken) == .unfit)
        #expect(next(&search) == "sentinel s1")
        // Without sentinels none knows of another.
        #expect(Self.search("a").loss(after: refusal) == nil)
        #expect(Self.search("a", "b", key: "{cano}").loss(after: refusal) == nil)
    }

    @Test("pauses longer and longer only while none of those that are asked lives")
    func blackout() {
        var search = Self.search("s1", "s2", sentinels: true)
        _ = next(&search)
        _ = search.sent(to: Self.address("primary"))
        _ = next(&search)
        #expect(search.failed() == .brief)
        #expect(next(&search) == "sentinel s2")
        #expect(search.failed() == .brief)
        #expect(next(&search) == "sentinel s1")
        #expect(search.failed() == .atOnce)
        #expect(next(&search) == "sentinel s2")
        #expect(search.failed() == .growing)
    }
}
