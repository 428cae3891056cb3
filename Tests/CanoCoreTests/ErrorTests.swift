import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ErrorTests {
    @Test("every category has a name of its own on the wire")
    func categories() {
        #expect(Set(CanoError.Category.allCases.map(\.rawValue)).count == CanoError.Category.allCases.count)
        for category in CanoError.Category.allCases { #expect(category.rawValue.allSatisfy { $0.isLowercase || $0 == "_" }) }
    }
}
