import CanoCore
import CanoTesting
import RuleFixture

extension ValidationTests {
    func everything() throws -> Facts {
        let workflow = Workflow<Full>()
        let error = caught { try workflow.validate() }
        return [
            "category": error?.category, "causes": error?.causes.count,
            "states named": Full.allCases.filter { error?.message.contains("\"\($0)\"") == true },
        ]
    }

    func valid() throws -> Facts {
        let workflow = Workflow<Full>().register(.one) { _ in .two }.register(.two) { _ in .three }.addExitState(.three)
        try workflow.validate()
        return ["problems of a changed one": problems(workflow.registerSplit(.one, branches: [Branch<Full, Void>](), then: .two)).count]
    }

    func joins() -> Facts {
        func count(_ join: JoinConfig, branches: Int = 3, then next: Step = .done) -> Int {
            problems(
                Workflow<Step>().registerSplit(.first, branches: Array(repeating: Noop(), count: branches), join: join, then: next)
                    .addExitState(.done)
            ).count
        }
        return [
            "of all": count(JoinConfig()), "of a partial one with a timeout": count(JoinConfig(.partialTimeout, timeout: .seconds(1))),
            "of a partial one without": count(JoinConfig(.partialTimeout)),
            "of shares of 0, 110% and no number": [0, 1.1, .nan].map { count(JoinConfig(.percentage($0))) },
            "of quorums of 4 and 0 of 3": [4, 0].map { count(JoinConfig(.quorum($0))) },
            "of 4 results of 3": count(JoinConfig(.partialResults(4))), "with a bulkhead of 0": count(JoinConfig(.all, bulkhead: 0)),
            "with a timeout of 0": count(JoinConfig(.all, timeout: .zero)), "without branches": count(JoinConfig(), branches: 0),
            "to a state without a task": count(JoinConfig(), then: .third),
        ]
    }
}
