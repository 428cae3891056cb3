import CanoPrimitives

/// The arguments of a call, in the order of their names, and the lists behind them.
package struct ScriptArguments<Name: ScriptName>: Sendable {
    private(set) var call: RedisScriptCall
    /// How many were added.
    private var count = 0
    /// How many times all names come.
    private let items: Int

    init(_ call: RedisScriptCall, items: Int = 1) {
        self.call = call
        self.items = items
    }

    /// Adds the argument of that name, whose turn it is.
    package mutating func append(_ name: Name, _ text: String) {
        expect(name)
        call.append(text)
    }

    /// Adds the argument of that name; an empty text stands for none.
    package mutating func append(_ name: Name, _ text: String?) {
        expect(name)
        call.append(text ?? "")
    }

    /// Adds the argument of that name.
    package mutating func append(_ name: Name, _ number: Int) {
        expect(name)
        call.append(number)
    }

    /// Adds the argument of that name.
    package mutating func append(_ name: Name, _ number: Int64) {
        expect(name)
        call.append(number)
    }

    /// Adds the argument of that name; an empty text stands for none.
    package mutating func append(_ name: Name, _ number: Int64?) {
        expect(name)
        if let number { call.append(number) } else { call.append("") }
    }

    /// Adds the argument of that name: 1 or 0.
    package mutating func append(_ name: Name, _ flag: Bool) {
        expect(name)
        call.append(flag ? 1 : 0)
    }

    /// Adds the argument of that name, in whole milliseconds.
    package mutating func append(_ name: Name, _ duration: Duration) {
        expect(name)
        call.append(duration.wholeMilliseconds)
    }

    /// Adds the argument of that name.
    package mutating func append(_ name: Name, bytes: [UInt8]) {
        expect(name)
        call.append(bytes: bytes)
    }

    /// Adds a list of texts.
    package mutating func append(list texts: [String]) {
        checkComplete()
        call.append(texts.count)
        for text in texts { call.append(text) }
    }

    /// Adds a list of items.
    ///
    /// - Parameters:
    ///   - items: The names of an item's fields.
    ///   - count: How many items the list has.
    ///   - write: Writes their fields, item after item, in the order of their names.
    package mutating func append<Item: ScriptItem>(
        list items: Item.Type, count: Int, _ write: (inout ScriptArguments<Item>) throws -> Void
    ) rethrows {
        checkComplete()
        // Taken out of here meanwhile: with one owner the bytes are written in place.
        var taken = RedisScriptCall.none
        swap(&taken, &call)
        var list = ScriptArguments<Item>(taken, items: count)
        taken = .none
        list.call.append(count)
        try write(&list)
        list.checkComplete()
        call = list.call
    }

    /// Adds a list of one item, or of none.
    package mutating func append<Item: ScriptItem, Value>(
        list items: Item.Type, of value: Value?, _ write: (inout ScriptArguments<Item>, Value) throws -> Void
    ) rethrows {
        try append(list: items, count: value == nil ? 0 : 1) { list in
            if let value { try write(&list, value) }
        }
    }

    private mutating func expect(_ name: Name) {
        // A release asks for no names: they are a list that is made each time.
        assert(isNext(name), "the argument \(name) is out of order")
        count += 1
    }

    private func isNext(_ name: Name) -> Bool {
        let names = Name.allCases
        return count < items * names.count && names[count % names.count] == name
    }

    func checkComplete() { assert(count == items * Name.allCases.count, "arguments are missing behind the first \(count)") }
}
