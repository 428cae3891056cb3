extension PlainEncoder {
    /// A container that was opened.
    struct Container {
        fileprivate let index: Int
        /// Of two containers at the same place in turn it tells one from the other.
        fileprivate let number: Int
    }

    enum ContainerKind {
        case list, object
    }

    /// The text of one value as it comes to be, shared by the containers of its parts.
    ///
    /// What it holds is one value: each call then asks once, and not at every step, whether another has it.
    final class Writing {
        private var text = Text()

        var bytes: [UInt8] { text.bytes }
        /// Whether Foundation's encoder may come to another end. What is written then is of no use.
        var isUnsure: Bool {
            get { text.isUnsure }
            set { text.isUnsure = newValue }
        }
        /// How many containers are open.
        var depth: Int { text.open.count }
        var length: Int { text.bytes.count }

        /// The container of a value that was begun when so many were open: the one it has already, or a new one.
        func container(_ kind: ContainerKind, at depth: Int) -> Container { text.container(kind, at: depth) }

        /// Opens a container where a value is to be written.
        func open(_ kind: ContainerKind) -> Container { text.open(kind) }

        /// Closes the containers behind the first so many.
        func close(to depth: Int) { text.close(to: depth) }

        func count(of container: Container) -> Int { text.count(of: container) }

        /// Begins an element.
        func begin(in container: Container) { text.begin(in: container) }

        /// Begins a member.
        func begin(_ name: String, in container: Container) { text.begin(name, in: container) }

        func append(word: StaticString) { text.append(word: word) }
        func append(text string: String) { text.append(text: string) }
        func append(number: some BinaryInteger & CustomStringConvertible) { text.append(number: number) }
        func append(fraction: some BinaryFloatingPoint & CustomStringConvertible) { text.append(fraction: fraction) }
    }

    /// A text as it comes to be, and its containers that are open. Pure.
    ///
    /// A container is open until what is behind it is begun. The members of an object are sorted then, unless they came in their order.
    private struct Text {
        struct Open {
            let kind: ContainerKind
            let number: Int
            /// Where its text begins.
            let start: Int
            /// Where its members are among all, and how many members or elements it has.
            let firstMember: Int
            var count = 0
            var isSorted = true
        }

        /// A member of an object that is open: where its name is, without quotes, and where it begins.
        private struct Member {
            let start: Int
            let nameEnd: Int
        }

        private(set) var bytes: [UInt8] = []
        /// Whether Foundation's encoder may come to another end. What is written then is of no use.
        var isUnsure = false
        private(set) var open: [Open] = []
        private var members: [Member] = []
        private var opened = 0

        init() {
            // Most values have room in this; growing step by step costs a copy each time.
            bytes.reserveCapacity(256)
        }

        // MARK: Containers

        /// The container of a value that was begun when so many were open: the one it has already, or a new one.
        mutating func container(_ kind: ContainerKind, at depth: Int) -> Container {
            if open.count > depth, open[depth].kind == kind { return Container(index: depth, number: open[depth].number) }
            if open.count != depth { isUnsure = true }
            return open(kind)
        }

        /// Opens a container where a value is to be written.
        mutating func open(_ kind: ContainerKind) -> Container {
            opened += 1
            open.append(Open(kind: kind, number: opened, start: bytes.count, firstMember: members.count))
            bytes.append(kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
            if open.count > JSONSyntax.maximumDepth { isUnsure = true }
            return Container(index: open.count - 1, number: opened)
        }

        /// Closes the containers behind the first so many.
        mutating func close(to depth: Int) {
            while open.count > depth, let last = open.popLast() {
                if last.kind == .object {
                    if !last.isSorted { sortMembers(of: last) }
                    members.removeLast(members.count - last.firstMember)
                    bytes.append(UInt8(ascii: "}"))
                } else {
                    bytes.append(UInt8(ascii: "]"))
                }
            }
        }

        func count(of container: Container) -> Int { isOpen(container) ? open[container.index].count : 0 }

        private func isOpen(_ container: Container) -> Bool {
            container.index < open.count && open[container.index].number == container.number
        }

        /// Begins an element.
        mutating func begin(in container: Container) {
            guard isOpen(container) else {
                isUnsure = true
                return
            }
            close(to: container.index + 1)
            if open[container.index].count > 0 { bytes.append(UInt8(ascii: ",")) }
            open[container.index].count += 1
        }

        /// Begins a member.
        mutating func begin(_ name: String, in container: Container) {
            begin(in: container)
            guard !isUnsure else { return }
            let start = bytes.count
            bytes.append(string: name)
            // Escaped, or beyond ASCII, it may not stand in the order of the names, or be another spelling of one that is there.
            if bytes.count - start != name.utf8.count + 2 || !name.utf8.allSatisfy({ $0 < 0x80 }) { isUnsure = true }
            let member = Member(start: start, nameEnd: bytes.count - 1)
            if open[container.index].count > 1, let last = members.last, !precedes(last, member) { open[container.index].isSorted = false }
            members.append(member)
            bytes.append(UInt8(ascii: ":"))
        }

        private func name(of member: Member) -> ArraySlice<UInt8> { bytes[member.start + 1..<member.nameEnd] }

        private func precedes(_ one: Member, _ other: Member) -> Bool { name(of: one).lexicographicallyPrecedes(name(of: other)) }

        private mutating func sortMembers(of object: Open) {
            let found = members[object.firstMember...]
            // Each ends where the comma before the next one is.
            let ends = found.dropFirst().map { $0.start - 1 } + [bytes.count]
            let sorted = zip(found, ends).sorted { precedes($0.0, $1.0) }
            // Of a name given twice an encoder has the last value only.
            for (one, other) in zip(sorted, sorted.dropFirst()) where !precedes(one.0, other.0) { isUnsure = true }
            let text = sorted.map { bytes[$0.start..<$1] }.joined(separator: [UInt8(ascii: ",")])
            bytes.replaceSubrange(object.start + 1..<bytes.count, with: Array(text))
        }

        // MARK: Values

        mutating func append(word: StaticString) { word.withUTF8Buffer { bytes.append(contentsOf: $0) } }

        mutating func append(text: String) { bytes.append(string: text) }

        mutating func append(number: some BinaryInteger & CustomStringConvertible) { bytes.append(text: number.description) }

        mutating func append(fraction number: some BinaryFloatingPoint & CustomStringConvertible) {
            // There is no such number in JSON.
            guard number.isFinite else {
                isUnsure = true
                return
            }
            let text = number.description
            bytes.append(text: text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
        }
    }
}
