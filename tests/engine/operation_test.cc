#include "engine/operation.h"

#include <gtest/gtest.h>

namespace skein::engine {

enum class Shape { round, square };
std::span<const Choice<Shape>> choices_of(Shape) {
  static constexpr std::array<Choice<Shape>, 2> kChoices{{{Shape::round, "round"}, {Shape::square, "square"}}};
  return kChoices;
}

namespace {

struct Part {
  std::string name;
  int count = 1;
  template <class V>
  static void describe(V& v) {
    v.field("name", &Part::name, "What it is.", {.required = true});
    v.field("count", &Part::count, "How many.", {.min = 1, .max = 9});
  }
  bool operator==(const Part&) const = default;
};

struct Everything {
  bool flag = false;
  std::uint8_t small = 7;
  std::uint64_t large = 0;
  double ratio = 0.5;
  std::string text = "x";
  Bytes size{1000};
  Tokens tokens;
  Millis wait{5};
  std::optional<std::chrono::seconds> limit;
  Digest digest;
  Shape shape = Shape::round;
  std::vector<Part> parts;
  std::map<std::string, int> counts;
  Part nested;
  Json any;
  template <class V>
  static void describe(V& v) {
    v.field("flag", &Everything::flag, "A truth.");
    v.field("small", &Everything::small, "A byte.");
    v.field("large", &Everything::large, "A large number.");
    v.field("ratio", &Everything::ratio, "A ratio.", {.min = 0, .max = 1});
    v.field("text", &Everything::text, "A text.");
    v.field("size", &Everything::size, "A size.", {.max = 1e9});
    v.field("tokens", &Everything::tokens, "Tokens.");
    v.field("wait", &Everything::wait, "A duration.");
    v.field("limit", &Everything::limit, "A limit.", {.min = 1});
    v.field("digest", &Everything::digest, "A digest.");
    v.field("shape", &Everything::shape, "A choice.");
    v.field("parts", &Everything::parts, "A list.");
    v.field("counts", &Everything::counts, "A map.");
    v.field("nested", &Everything::nested, "A struct.");
    v.field("any", &Everything::any, "Anything.");
  }
};

std::string message_of(std::string_view text) {
  Everything value;
  const auto json = parse_json(text);
  if (!json) return json.error().message();
  const Status status = read_json(*json, value);
  return status ? "fine" : status.error().message();
}

TEST(Schema, ReadsBackWhatItWrites) {
  Everything value;
  value.flag = true;
  value.large = 18'446'744'073'709'551'615ULL;
  value.limit = std::chrono::seconds(30);
  value.digest = sha256("x");
  value.shape = Shape::square;
  value.parts = {{"a", 2}, {"b", 3}};
  value.counts = {{"x", 1}};
  value.nested.name = "n";
  value.any = Json::array({1, "two"});
  const Json json = write_json(value);
  Everything back;
  const Status status = read_json(json, back);
  ASSERT_TRUE(status) << status.error().to_string();
  EXPECT_EQ(write_json(back), json);
  EXPECT_EQ(back.parts, value.parts);
  EXPECT_EQ(back.large, value.large);
}

TEST(Schema, AcceptsUnitsAsPeopleWriteThem) {
  Everything value;
  ASSERT_TRUE(read_json(Json({{"size", "10KiB"}, {"wait", "2s"}, {"limit", "5m"}}), value));
  EXPECT_EQ(value.size.value, 10'240);
  EXPECT_EQ(value.wait, Millis(2000));
  EXPECT_EQ(value.limit, std::chrono::seconds(300));
}

TEST(Schema, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(message_of(R"({"flg": true})"), "there is no field \"flg\" (did you mean \"flag\"?)");
  EXPECT_EQ(message_of(R"({"parts": [{"name": "a"}, {"nam": "b"}]})"),
            "there is no field \"nam\" in parts[1] (did you mean \"name\"?)");
  EXPECT_EQ(message_of(R"({"parts": [{"count": 2}]})"), "parts[0].name is missing");
  EXPECT_EQ(message_of(R"({"parts": [{"name": "a", "count": 10}]})"), "parts[0].count must be at most 9, not 10");
  EXPECT_EQ(message_of(R"({"small": 256})"), "small is too large: 256");
  EXPECT_EQ(message_of(R"({"small": -1})"), "small is too small: -1");
  EXPECT_EQ(message_of(R"({"small": 1.5})"), "small must be a whole number, not 1.5");
  EXPECT_EQ(message_of(R"({"shape": "rond"})"),
            "shape must be one of round, square, not \"rond\" (did you mean \"round\"?)");
  EXPECT_EQ(message_of(R"({"size": "much"})"), "size: \"much\" is not a size such as 200MB, 10KiB or 4096");
  EXPECT_EQ(message_of(R"({"wait": "5"})"), "wait: \"5\" is not a duration such as 30s, 5m or 250ms");
  EXPECT_EQ(message_of(R"({"limit": 0})"), "limit must be at least 1 s, not 0");
  EXPECT_EQ(message_of(R"({"digest": "abc"})"), "digest must be a digest of 64 hexadecimal digits, not \"abc\"");
  EXPECT_EQ(message_of(R"({"counts": {"a": "b"}})"), "counts.a must be a whole number, not \"b\"");
  EXPECT_EQ(message_of(R"([1])"), "the input must be an object, not [1]");
}

TEST(Schema, NullIsAsAbsent) {
  Everything value;
  value.limit = std::chrono::seconds(3);
  ASSERT_TRUE(read_json(Json({{"text", nullptr}}), value));
  EXPECT_EQ(value.text, "x");
}

TEST(Schema, RefusesWhatIsNotJsonOrTooDeep) {
  EXPECT_FALSE(parse_json("{"));
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
  EXPECT_TRUE(parse_json("\"" + std::string(1'000, '[') + "\""));
}

TEST(Schema, DescribesATypeAsJsonSchema) {
  const Json schema = json_schema(type_spec<Everything>(), "skein.test.input/1", true);
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["$id"], "skein.test.input/1");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["properties"]["size"]["x-unit"], "bytes");
  EXPECT_EQ(schema["properties"]["size"]["type"], Json::array({"integer", "string"}));
  EXPECT_EQ(schema["properties"]["wait"]["x-unit"], "ms");
  EXPECT_EQ(schema["properties"]["wait"]["default"], 5);
  EXPECT_EQ(schema["properties"]["ratio"]["maximum"], 1);
  EXPECT_EQ(schema["properties"]["shape"]["enum"], Json::array({"round", "square"}));
  EXPECT_EQ(schema["properties"]["parts"]["items"]["required"], Json::array({"name"}));
  EXPECT_EQ(schema["properties"]["parts"]["items"]["properties"]["count"]["minimum"], 1);
  EXPECT_EQ(schema["properties"]["counts"]["additionalProperties"]["type"], "integer");
  EXPECT_FALSE(schema.contains("required"));
}

TEST(Schema, TakesTheWordsOfACommandLine) {
  const TypeSpec spec = type_spec<Everything>();
  const auto value = [&](std::string_view field, std::string_view text) -> std::string {
    for (const FieldSpec& one : spec.fields) {
      if (one.name != field) continue;
      const auto json = json_of_text(one.type, text);
      return json ? json->dump() : json.error().message();
    }
    return "no such field";
  };
  EXPECT_EQ(value("flag", "yes"), "true");
  EXPECT_EQ(value("flag", "maybe"), "\"maybe\" is not true or false");
  EXPECT_EQ(value("small", "12"), "12");
  EXPECT_EQ(value("small", "12x"), "\"12x\" is not a whole number");
  EXPECT_EQ(value("size", "1MB"), "1000000");
  EXPECT_EQ(value("wait", "1h"), "\"1h\"");
  EXPECT_EQ(value("nested", "{\"name\":\"a\"}"), "{\"name\":\"a\"}");
}

// ---- Operations.

struct Input {
  std::string who;
  int times = 1;
  template <class V>
  static void describe(V& v) {
    v.field("who", &Input::who, "Whom to greet.", {.required = true, .positional = true});
    v.field("times", &Input::times, "How often.", {.min = 1});
  }
};
struct Output {
  std::string greeting;
  std::optional<int> missing;
  bool fails = false;
  template <class V>
  static void describe(V& v) {
    v.field("greeting", &Output::greeting, "What was said.");
    v.field("missing", &Output::missing, "Not there.");
  }
  [[nodiscard]] bool succeeded() const { return !fails; }
};

Operation greet() {
  return Operation::make<Input, Output>(
      {.name = "greet people", .summary = "Greet", .description = "Greets."},
      [](const Context&, const Input& input) -> Result<Output> {
        if (input.who == "nobody") return fail(Code::not_found, "there is nobody");
        return Output{input.who + "!", {}, input.times > 1};
      },
      +[](const Output& output, const Style&) { return output.greeting + "\n"; });
}

TEST(Operation, RunsOnJsonAndAnswersAsJsonAndText) {
  const Operation operation = greet();
  const auto answer = operation.run({}, {{"who", "world"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)->json().dump(), R"({"schema":"skein.greet.people/1","greeting":"world!"})");
  EXPECT_EQ((*answer)->text({}), "world!\n");
  EXPECT_TRUE((*answer)->succeeded());
}

TEST(Operation, TellsFailedWorkFromAFailedCall) {
  const Operation operation = greet();
  EXPECT_FALSE((*operation.run({}, {{"who", "world"}, {"times", 2}}))->succeeded());
  EXPECT_EQ(operation.run({}, {{"who", "nobody"}}).error().code(), Code::not_found);
  EXPECT_EQ(operation.run({}, Json::object()).error().message(), "who is missing");
  EXPECT_EQ(operation.run({}, {{"who", "a"}, {"tims", 1}}).error().message(),
            "there is no field \"tims\" (did you mean \"times\"?)");
}

TEST(Operation, HasSchemasOfItsInputAndOutput) {
  const Operation operation = greet();
  EXPECT_EQ(operation.input_schema()["$id"], "skein.greet.people.input/1");
  EXPECT_EQ(operation.input_schema()["required"], Json::array({"who"}));
  const Json output = operation.output_schema();
  EXPECT_EQ(output["$id"], "skein.greet.people/1");
  EXPECT_EQ(output["properties"]["schema"]["const"], "skein.greet.people/1");
  EXPECT_EQ(output["required"], Json::array({"schema", "greeting"}));
}

TEST(OperationTable, FindsOperationsAndGroups) {
  OperationTable table;
  table.add(greet());
  EXPECT_NE(table.find("greet people"), nullptr);
  EXPECT_EQ(table.find("greet"), nullptr);
  EXPECT_TRUE(table.is_group("greet"));
  EXPECT_FALSE(table.is_group("gree"));
  EXPECT_FALSE(table.is_group("greet people"));
}

}  // namespace
}  // namespace skein::engine
