import Testing

@testable import CanoRedis

@Suite("The slot of a key", .timeLimit(.minutes(5)))
struct HashSlotTests {
    @Test(
        "is what CLUSTER KEYSLOT says",
        arguments: [
            ("foo", 12_182), ("somekey", 11_058), ("", 0), ("123456789", 12_739), ("{foo}:commands", 12_182), ("a{foo}b{bar}", 12_182),
            // An empty tag is none, and so is one that is not closed.
            ("{}foo", 9_500), ("{foo", 13_308), ("}{foo}", 12_182),
        ])
    func vectors(key: String, slot: Int) {
        #expect(HashSlot(ofKey: key).number == slot)
    }

    @Test("has a number that slots have")
    func bounds() {
        #expect(HashSlot(16_383)?.number == 16_383)
        #expect(HashSlot(16_384) == nil)
        #expect(HashSlot(-1) == nil)
    }
}
