import Testing

@testable import CanoBus

@Suite("The keys of a bus", .timeLimit(.minutes(5)))
struct BusKeysTests {
    @Test("begin with its prefix, and the kind comes before the name")
    func keys() throws {
        let keys = try BusKeys(prefix: "shop")
        #expect(keys.commands == "shop:commands" && keys.inbound(.commands) == keys.commands)
        #expect(keys.control == "shop:control" && keys.inbound(.control) == keys.control)
        #expect(keys.events == "shop:events" && keys.deadLetters == "shop:deadletters")
        #expect(keys.bridges == "shop:bridges" && keys.workflows == "shop:workflows" && keys.schedules == "shop:schedules")
        #expect(keys.leases(of: "w", version: "2") == "shop:leases:w@2")
        #expect(keys.timers(of: "w", version: "2") == "shop:timers:w@2" && keys.timers(of: "w", version: nil) == "shop:timers:w@")
        #expect(keys.record(of: "x:store") == "shop:run:x:store" && keys.runStore(of: "x") == "shop:runstore:x")
        #expect(
            keys.waits(of: "w", version: "2") == "shop:waits:w@2" && keys.orphans == "shop:orphans" && keys.inbox(of: "x") == "shop:inbox:x"
        )
        #expect(keys.log(of: "x") == "shop:log:x" && keys.cancellation(of: "x") == "shop:cancel:x")
        #expect(keys.store(named: "x") == "shop:store:x" && keys.schedule(named: "x") == "shop:schedule:x")
        #expect(keys.results == "shop:results" && keys.inbound(.results) == keys.results && keys.queues == "shop:queues")
        #expect(keys.tasks(on: "x") == "shop:tasks:x" && keys.openTasks(of: "x") == "shop:opentasks:x")
        #expect(keys.replies(to: "me") == "shop:replies:me")
        #expect(keys.replies(toEach: "me,second") == ["shop:replies:me", "shop:replies:second"])
        #expect(keys.replies(toEach: "").isEmpty)
    }

    @Test("never meet, whatever runs, schedules and stores are called")
    func distinct() throws {
        let keys = try BusKeys()
        let names = ["a", "run", "x:store", "log:a", "store:a", "commands", "@", "a/b", "results"]
        let all = names.flatMap { name in
            [
                keys.record(of: name), keys.log(of: name), keys.runStore(of: name), keys.cancellation(of: name), keys.store(named: name),
                keys.schedule(named: name), keys.replies(to: name), keys.leases(of: name, version: "1"),
                keys.timers(of: name, version: "1"), keys.timers(of: name, version: nil), keys.waits(of: name, version: "1"),
                keys.inbox(of: name), keys.tasks(on: name), keys.openTasks(of: name),
            ]
        }
        let single = [
            keys.commands, keys.control, keys.events, keys.deadLetters, keys.bridges, keys.workflows, keys.schedules, keys.orphans,
            keys.results, keys.queues,
        ]
        #expect(Set(all + single).count == all.count + single.count)
    }

    @Test(
        "have a prefix that is a name, or a name in braces", arguments: ["cano", "a.b_c-9", "{cano-0}", String(repeating: "x", count: 100)])
    func prefixes(_ prefix: String) throws {
        let keys = try BusKeys(prefix: prefix)
        #expect(keys.isHashTagged == prefix.hasPrefix("{"))
        #expect(keys.prefix == prefix)
    }

    @Test(
        "refuse any other prefix",
        arguments: ["", "{}", "a:b", "a b", "{a", "a}", "{{a}}", "{a}b", "ü", String(repeating: "x", count: 101)])
    func broken(_ prefix: String) {
        #expect(throws: BusError.self) { try BusKeys(prefix: prefix) }
    }

    @Test("give events a source that is a URI, also with braces")
    func source() throws {
        #expect(try BusKeys().eventSource(of: "numbers") == "/cano/cano/numbers")
        #expect(try BusKeys(prefix: "{cano-0}").eventSource(of: "") == "/cano/%7Bcano-0%7D/")
    }
}
