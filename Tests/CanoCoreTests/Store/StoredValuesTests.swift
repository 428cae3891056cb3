import Testing

@testable import CanoCore

@Suite("The values of a store", .timeLimit(.minutes(5))) struct StoredValuesTests {
    @Test("are what a dictionary would hold, whether they are few or many", arguments: [2, 4, 5, 40])
    func dictionary(names: Int) {
        var values = StoredValues()
        var expected: [String: Int] = [:]
        var generator = SystemRandomNumberGenerator()
        for step in 0..<2_000 {
            let name = "name-\(Int.random(in: 0..<names, using: &generator))"
            switch step % 4 {
            case 0:
                values.remove(name)
                expected[name] = nil
            case 1 where step % 3 == 0:
                values[name] = nil
                expected[name] = nil
            default:
                values[name] = Stored(step)
                expected[name] = step
            }
        }
        #expect(values.count == expected.count)
        #expect(Set(values.names) == Set(expected.keys))
        for name in (0..<names).map({ "name-\($0)" }) { #expect((values[name] as? Stored<Int>)?.value == expected[name]) }
        #expect(Dictionary(uniqueKeysWithValues: values.all.map { ($0.name, ($0.value as? Stored<Int>)?.value) }) == expected)
    }

    @Test("can be added to in place, without a copy of the list")
    func inPlace() throws {
        var values = StoredValues()
        values["list"] = Stored(Array(0..<1_000))
        let before = (values["list"] as? Stored<[Int]>)?.value.withUnsafeBufferPointer { $0.baseAddress }
        (values["list"] as? Stored<[Int]>)?.value.reserveCapacity(10_000)
        let roomy = (values["list"] as? Stored<[Int]>)?.value.withUnsafeBufferPointer { $0.baseAddress }
        #expect(before != roomy)
        for number in 0..<100 { try StagedWrite.Operation.append(number).apply(to: &values["list"], key: "list") }
        #expect((values["list"] as? Stored<[Int]>)?.value.withUnsafeBufferPointer { $0.baseAddress } == roomy)
        #expect((values["list"] as? Stored<[Int]>)?.value.count == 1_100)
    }
}
