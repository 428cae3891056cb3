import CanoBus
import Testing

@Suite("The keys of a bus", .timeLimit(.minutes(1)))
struct BusKeysTests {
    @Test("keep the kind before the run id, and prefixes their alphabet")
    func keys() throws {
        let keys = try BusKeys(prefix: "{shop-1}")
        #expect(keys.record(of: "a:log") == "{shop-1}:run:a:log")
        #expect(keys.eventSourcePrefix == "/cano/%7Bshop-1%7D/")
        #expect(keys.replies(toEach: "a,b") == ["{shop-1}:replies:a", "{shop-1}:replies:b"])
        for prefix in ["no:colons", "", "{}", "{a"] { #expect(throws: BusError.self) { try BusKeys(prefix: prefix) } }
    }
}
