public import CanoCore

/// Names of metrics and labels that every backend takes: those that Prometheus takes. Pure.
public enum MetricName {
    /// What a metric is called that is recorded under this name: letters, digits, `_` and `:`, and a counter ends in `_total`.
    public static func name(of label: String, _ kind: CanoMetrics.Kind) -> String {
        let name = legal(label, allowing: ":")
        return kind == .counter && !name.hasSuffix("_total") ? name + "_total" : name
    }

    /// What a label is called: letters, digits and `_`. Names that begin with two underscores and those of buckets are Prometheus' own.
    public static func labelName(_ name: String) -> String {
        let name = legal(name, allowing: nil)
        return name.hasPrefix("__") || name == "le" || name == "quantile" ? "label_" + name : name
    }

    private static func legal(_ name: String, allowing extra: Character?) -> String {
        let legal = String(
            name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == extra) ? $0 : "_" })
        return legal.isEmpty || legal.first?.isNumber == true ? "_" + legal : legal
    }
}
