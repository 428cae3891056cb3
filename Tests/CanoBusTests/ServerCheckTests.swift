import Testing

@testable import CanoBus

@Suite("A server that is to carry a bus", .timeLimit(.minutes(5)))
struct ServerCheckTests {
    @Test("is refused with what to do when it is too old, evicts, or is a cluster without a tag")
    func servers() {
        func problems(_ info: [String: String]) -> Int {
            ServerCheck(info: info).problems(toleratesEviction: false, isHashTagged: false).count
        }
        #expect(problems(["redis_version": "7.0.15", "maxmemory_policy": "noeviction"]) == 0)
        #expect(problems(["redis_version": "7.2.4", "valkey_version": "8.0.1"]) == 0)
        #expect(problems(["redis_version": "6.2.14"]) == 1)
        #expect(problems(["redis_version": "7.2.0", "maxmemory_policy": "allkeys-lru"]) == 1)
        #expect(problems(["redis_version": "7.2.0", "cluster_enabled": "1"]) == 1)
    }

    @Test("may evict for those who accept it, and be a cluster for a prefix with a tag")
    func accepted() {
        let check = ServerCheck(info: ["redis_version": "7.2.0", "maxmemory_policy": "allkeys-lru", "cluster_enabled": "1"])
        #expect(check.problems(toleratesEviction: true, isHashTagged: true).isEmpty)
    }

    @Test("is checked as far as any user may, and the rest is warned of, where the user may not ask for all")
    func anyUser() {
        let fit = ServerCheck(hello: ["server": "redis", "version": "7.0.15", "mode": "standalone"])
        #expect(fit.problems(toleratesEviction: false, isHashTagged: false).isEmpty)
        #expect(fit.warnings.count == 1 && fit.warnings[0].contains("ACL SETUSER <user> +info"))
        let old = ServerCheck(hello: ["server": "redis", "version": "6.2.14", "mode": "cluster"])
        #expect(old.problems(toleratesEviction: false, isHashTagged: false).count == 2)
        let valkey = ServerCheck(hello: ["server": "valkey", "version": "7.2.4", "mode": "standalone"])
        #expect(valkey.problems(toleratesEviction: false, isHashTagged: false).isEmpty)
    }

    @Test("is warned of when it keeps nothing on disk")
    func warnings() {
        #expect(ServerCheck(info: ["aof_enabled": "0"]).warnings.count == 1)
        #expect(ServerCheck(info: ["aof_enabled": "1"]).warnings.isEmpty)
    }
}
