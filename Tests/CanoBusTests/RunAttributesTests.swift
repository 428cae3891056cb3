import Testing

@testable import CanoBus

@Suite("The attributes of a run", .timeLimit(.minutes(5)))
struct RunAttributesTests {
    @Test(
        "are kept in the order in which they came, without white space, with numbers as they were written and texts as short as they can be"
    )
    func kept() throws {
        let attributes = try RunAttributes(json: " { \"b\" : \"\\u00e9\\/\" ,\n\"a\":1.50 , \"c\": true } ")
        #expect(attributes.json == #"{"b":"é/","a":1.50,"c":true}"#)
        #expect(attributes.values == ["a": 1.5, "b": "é/", "c": true])
        #expect(try RunAttributes(json: attributes.json) == attributes)
    }

    @Test("are written in the order of their names, and numbers as short as they can be")
    func written() throws {
        let attributes = try RunAttributes(["b": 3, "a": 0.5, "d": "x\"y", "c": false, "e": .number(1e300)])
        #expect(attributes.json == #"{"a":0.5,"b":3,"c":false,"d":"x\"y","e":1e+300}"#)
        #expect(try RunAttributes(json: attributes.json) == attributes)
    }

    @Test("leave the field out where there are none, in whatever way that is said")
    func empty() throws {
        #expect(RunAttributes.empty.field == nil && RunAttributes.empty.isEmpty)
        #expect(try RunAttributes(json: "{ }") == .empty)
        #expect(try RunAttributes([:]) == .empty)
    }

    @Test(
        "are refused with what is wrong with them",
        arguments: [
            ("{\"a\":", "attributes is not a JSON object: a value is missing at the end, 5 bytes from its beginning."),
            ("[1]", "attributes is not a JSON object: an object was expected, 0 bytes from its beginning."),
            ("{\"a b\":1}", "attributes has a member \"a b\", which is no name: use 1 to 100 characters of A-Z a-z 0-9 . _ -."),
            ("{\"a\":1,\"a\":1}", "attributes has two members \"a\": give each name once."),
            (
                "{\"a\":null}",
                "attributes has a member \"a\" that is neither a text nor a number nor a truth value: nothing is nested here."
            ),
        ])
    func refused(json: String, message: String) {
        let error = #expect(throws: BusError.self) { try RunAttributes(json: json) }
        #expect(error?.code == .invalidAttributes && error?.message == message)
    }

    @Test("are refused when they are made with a number that JSON does not have, or too long")
    func refusedValues() {
        for value in [RunAttribute.number(.nan), .number(.infinity), .text(String(repeating: "x", count: 257))] {
            let error = #expect(throws: BusError.self) { try RunAttributes(["a": value]) }
            #expect(error?.code == .invalidAttributes && error?.message.contains("\"a\"") == true)
        }
    }

    @Test(
        "are meant by a text that says the same: texts as they are, numbers by what they are",
        arguments: [
            ("c-9", "c-9", true), ("c-9", "C-9", false), ("42", "42", true), (42, "42", true), (42, "42.0", true), (42, "4.2e1", true),
            (42, "c", false), (true, "true", true), (true, "1", false), (false, "false", true), ("true", "true", true),
        ] as [(RunAttribute, String, Bool)])
    func matching(value: RunAttribute, text: String, isMeant: Bool) {
        #expect(value.matches(text) == isMeant)
    }
}
