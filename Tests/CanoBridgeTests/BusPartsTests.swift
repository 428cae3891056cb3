import CanoPrimitives
import Foundation
import Testing

@testable import CanoBridge

@Suite("The parts of the bus that only decide")
struct BusPartsTests {
    @Test("A JSON text reads back as what was written", arguments: ["", "plain", "\"\\/", "\n\r\t\u{0}\u{1f}", "é€😀\u{2028}"])
    func jsonText(value: String) throws {
        var text = JSONWriter()
        text.member("a", value)
        text.member(value, json: "[1]")
        let object = try JSONSerialization.jsonObject(with: Data(text.object.utf8)) as? [String: Any]
        #expect(object?["a"] as? String == value || value == "a")
        #expect(object?[value] as? [Int] == [1])
    }

    @Test("Numbers of events are printed with ten digits, and with more when they need them")
    func sequences() {
        #expect(BusEvent.printed(sequence: 1) == "0000000001")
        #expect(BusEvent.printed(sequence: 12_345_678_901) == "12345678901")
    }

    @Test("Keys keep the kind before the run id, and prefixes their alphabet")
    func keys() throws {
        let bus = try BusKeys(prefix: "{shop-1}")
        #expect(bus.record(of: "a:log") == "{shop-1}:run:a:log")
        #expect(bus.eventSource == "/cano/%7Bshop-1%7D/")
        #expect(throws: BridgeError.self) { try BusKeys(prefix: "no:colons") }
        #expect(throws: BridgeError.self) { try BusKeys(prefix: "") }
    }

    @Test("A listing reads back, and nothing else reads as one")
    func listings() {
        let listing = WorkflowListing(workflow: "orders", version: "2", bridge: "b-1")
        #expect(WorkflowListing(listing.description) == listing)
        for text in ["", "orders", "orders@2", "orders/b", "a@b@c/d", "a@b/c/d"] { #expect(WorkflowListing(text) == nil) }
    }

    @Test("Slots are never given twice, and room is what is free")
    func slots() {
        var count = SlotCount(total: 2)
        #expect(count.room == 2)
        #expect([count.take(), count.take(), count.take()] == [true, true, false])
        #expect(count.room == 0)
        count.give()
        #expect(count.room == 1)
        #expect(SlotCount(total: 1_000).room == SlotCount.largestRead)
    }

    @Test("A server that is too old, evicts, is a cluster without a tag or a replica is refused with what to do")
    func servers() {
        func problems(_ info: [String: String]) -> Int {
            ServerCheck(info: info).problems(toleratesEviction: false, isHashTagged: false).count
        }
        #expect(problems(["redis_version": "7.0.15", "maxmemory_policy": "noeviction", "role": "master"]) == 0)
        #expect(problems(["redis_version": "7.2.4", "valkey_version": "8.0.1"]) == 0)
        #expect(problems(["redis_version": "6.2.14"]) == 1)
        #expect(problems(["redis_version": "7.2.0", "maxmemory_policy": "allkeys-lru"]) == 1)
        #expect(problems(["redis_version": "7.2.0", "cluster_enabled": "1", "role": "slave"]) == 2)
    }
}
