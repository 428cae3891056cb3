import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ErrorTests {
    @Test("every category has a name of its own on the wire")
    func categories() {
        #expect(Set(CanoError.Category.allCases.map(\.rawValue)).count == CanoError.Category.allCases.count)
        for category in CanoError.Category.allCases { #expect(category.rawValue.allSatisfy { $0.isLowercase || $0 == "_" }) }
    }

    @Test("an error keeps 100 causes in 16 levels, says how many it left out, and can be described", arguments: [600, 50_000])
    func manyLevels(levels: Int) {
        let deep = (0..<levels).reduce(CanoError(.generic, "root")) { cause, level in
            CanoError(.generic, "level \(level)", causes: [cause])
        }
        var depth = 0
        var error = deep
        while let cause = error.causes.first { (error, depth) = (cause, depth + 1) }
        #expect(depth == 16)
        #expect(error.omittedCauses == 1)
        #expect("\(deep)".hasSuffix("; and 1 more"))
    }

    @Test("of many causes the direct ones are kept before those that they follow from")
    func manyCauses() {
        let causes = (0..<2_000).map { CanoError(.retryExhausted, "cause \($0)", causes: [CanoError(.generic, "of \($0)")]) }
        let error = CanoError(.workflow, "join", causes: causes)
        #expect(error.causes.map(\.message) == (0..<100).map { "cause \($0)" })
        #expect(error.omittedCauses == 1_900)
        #expect(error.causes.allSatisfy { $0.causes.isEmpty && $0.omittedCauses == 1 })
        let outer = CanoError(.taskExecution, "outer", causes: [error])
        #expect(outer.causes[0].causes.count == 99)
        #expect(outer.causes[0].omittedCauses == 1_901)
        #expect("\(outer)".hasSuffix("; and 1901 more"))
    }

    @Test("an error whose causes are set or added to has the same bounds")
    func changedCauses() {
        var error = CanoError(.generic, "outer")
        for number in 0..<150 { error.causes.append(CanoError(.generic, "\(number)")) }
        #expect(error.causes.count == 100)
        error.causes = [CanoError(.generic, "one")]
        #expect(error.causes.map(\.message) == ["one"])
        #expect(error.omittedCauses == 0)
    }
}
