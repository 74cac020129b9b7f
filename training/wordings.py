"""Hypothesis wordings: how a codebook author might ask for a frame, a stance, a voice, a topic or an emotion.

They are worded as general codebook questions and vary the words for who and what is meant, so that the model learns the
question and not one phrasing. No codebook that ships with the project is copied.
"""

TOPIC = ("This text is about {t}.", "The topic of this text is {t}.", "This passage deals with {t}.")
EMOTION = ("This text expresses {t}.", "The author feels {t}.", "The emotion of this text is {t}.")

# Where somebody stands, and no more: these hold also of what a target rules out ("lifting the ban").
FAVOR_PLAIN = (
    "The author supports {t}.",
    "This text supports {t}.",
    "The text is in favour of {t}.",
    "This text argues for {t}.",
    "This text speaks for {t}.",
    "Whoever speaks in this text is in favour of {t}.",
)
AGAINST_PLAIN = (
    "The author opposes {t}.",
    "This text opposes {t}.",
    "The text is against {t}.",
    "This text argues against {t}.",
    "This text speaks against {t}.",
    "Whoever speaks in this text is against {t}.",
)
# With a judgement: who wants a ban lifted need not welcome or praise the life without it.
FAVOR = (
    *FAVOR_PLAIN,
    "The text defends {t}.",
    "The author approves of {t}.",
    "This passage takes a positive position on {t}.",
    "The text presents {t} as right or necessary.",
    "The text has something good to say about {t}.",
    "The text welcomes {t}.",
)
AGAINST = (
    *AGAINST_PLAIN,
    "The text criticises {t}.",
    "The author disapproves of {t}.",
    "This passage takes a negative position on {t}.",
    "The text presents {t} as wrong or harmful.",
    "The text finds fault with {t}.",
    "The text complains about {t}.",
)
# Only for targets that are a measure, an order, a plan: something that can be asked for or lifted.
FAVOR_MEASURE = (
    "This text calls for {t}.",
    "This text justifies {t}.",
    "Someone in this text wants {t} to stay or to go further.",
    "This text gives a reason for {t}.",
    "According to this text, {t} should come, remain or be tightened.",
    "This text shows why {t} is needed.",
    "This text asks for more of {t}.",
)
AGAINST_MEASURE = (
    "This text rejects {t}.",
    "This text says that {t} should end or be softened.",
    "Someone in this text wants {t} withdrawn.",
    "This text gives a reason against {t}.",
    "According to this text, {t} should be given up or relaxed.",
    "This text shows what harm {t} does.",
    "This text asks for less of {t} or for exemptions.",
)

NEGATED = (
    "It is false that {h}",
    "It would be wrong to say that {h}",
    "Nobody could say that {h}",
    "It is not the case that {h}",
    "There is nothing here to show that {h}",
)

QUOTED = (
    "Someone is quoted in this text.",
    "The claim in this text is attributed to a source.",
    "This text reports what somebody said.",
    "This text gives the words of a source and not those of its author.",
)
OUTLET = (
    "The author of this text speaks in their own voice.",
    "The claim in this text is made by the writer and by no source.",
    "Nobody is quoted or cited in this text.",
)

# The words for who is meant, filled into {who}: `tech` ones only where the issue is a technology, `foreign` ones where it comes from abroad.
WHO = ("something or someone", "a product, a group or a country", "a person, an organisation or a state")
WHO_TECH = ("a technology", "a technology, a company or a country")
WHO_FOREIGN = (
    "a foreign technology",
    "technology from another country",
    "a foreign app, device or vendor",
    "a supplier or its government",
    "a foreign company",
)
# What is imposed, filled into {measure}; what is feared, filled into {concern}.
MEASURE_TECH = ("a ban on a product", "the exclusion of a company", "an order against a technology", "a limit on trade")
MEASURE = ("a measure", "a ban", "a restriction", "a decision", "a rule or decision", "an accusation or a measure")
CONCERN = ("a concern", "the official reason", "the stated reason")
CONCERN_SECURITY = ("a security concern", "an alleged danger", "a worry about safety")  # where one is spoken of
CONCERN_FOREIGN = (
    "a concern about a supplier",
    "the danger of a product from abroad",
    "worry about technology from another country",
)

FRAMES: dict[str, tuple[str, ...]] = {
    "security": (
        "This text presents {who} as a security threat.",
        "This text says that {who} is a danger to national security.",
        "This text describes {who} as dangerous.",
        "This text warns that {who} could do harm.",
        "This text expresses a concern about security, espionage or safety.",
        "This text says that {who} puts the country or its people at risk.",
        "This text raises the danger of spying, surveillance, sabotage or violence.",
        "This text explains {measure} by a danger to security.",
        "Data, privacy, military secrets or lives are in danger according to this text.",
        "This text treats {who} as a risk that one has to protect oneself against.",
        "This text says or suspects that {who} gives access to data, secrets or vital systems to those who should not have it.",
        "Fear of espionage, attack, crime or abuse stands behind what this text reports.",
    ),
    "politicization": (
        "This text says that {measure} is politically motivated.",
        "This text says that {concern} is a political pretext.",
        "This text says that {concern} is not the real one behind a decision.",
        "This text presents {measure} as discriminatory, protectionist or selective.",
        "This text accuses somebody of double standards or bad faith.",
        "This text questions the motives behind {measure}.",
        "This text doubts that {concern} is sincere.",
        "This text suggests that {measure} serves political or commercial interests.",
        "According to this text, {concern} is exaggerated or misused for political ends.",
        "This text hints that there is another motive behind {measure} than the one given.",
        "This text makes {concern} look like an excuse.",
        "This text says that rivals, voters or domestic industry are the true reason for {measure}.",
        "This text complains that one side is treated worse than others who do the same.",
    ),
    "economic": (
        "This text is about economic consequences.",
        "This text talks about costs, trade or jobs.",
        "This text says what something costs or earns.",
        "This text deals with prices, markets, companies' sales or competition.",
        "This text describes a gain or a loss for business, workers or consumers.",
        "This text is about money.",
        "This text says who pays or who profits.",
    ),
    "innovation": (
        "This text is about innovation or technical progress.",
        "This text describes what a technology can do.",
        "This text presents something as a technical advance or a breakthrough.",
        "This text deals with research, engineering or technological leadership.",
        "This text praises the performance or capability of a product.",
        "This text says how good a technology is or how it is developed.",
        "Science, invention or technical skill matter in this text.",
    ),
    "legal": (
        "This text is about law, courts or rights.",
        "This text asks whether {measure} is lawful or constitutional.",
        "This text deals with a court case, due process or freedom of speech.",
        "This text makes a legal argument.",
        "This text says that a law or a right is kept or broken.",
        "Judges, lawyers, statutes or rights play a part in this text.",
        "This text says what the law allows or demands.",
    ),
    "geopolitics": (
        "This text is about international rivalry or alliances.",
        "This text deals with relations between states.",
        "This text presents the issue as a contest between powers.",
        "This text is about diplomacy, pressure or retaliation between governments.",
        "This text speaks of the power or dependence of countries.",
        "Governments of different countries act towards each other in this text.",
        "This text is about foreign policy.",
    ),
    "fairness": (
        "This text is about equality, discrimination or justice.",
        "This text says that some people are treated worse than others.",
        "This text asks whether benefits and burdens are shared fairly.",
        "This text deals with disadvantaged groups or equal access.",
        "This text says that burdens or chances are unequal.",
        "Somebody is privileged or left behind according to this text.",
    ),
    "health": (
        "This text is about health or medical consequences.",
        "This text deals with illness, injuries or physical safety.",
        "This text says that people's health is helped or harmed.",
        "This text is about patients, hospitals or public health.",
        "This text speaks of disease, treatment, safety at work or well-being.",
        "Medical care is at stake in this text.",
    ),
    "morality": (
        "This text makes a moral or religious argument.",
        "This text is about ethics, conscience or religious duty.",
        "This text says what is morally right or wrong.",
        "This text appeals to faith, decency or moral duty.",
        "This text calls something a sin, a shame or a duty.",
        "Conscience or values are at stake in this text.",
    ),
    "human_interest": (
        "This text tells the story of a particular person.",
        "This text shows how the matter touches someone's life or feelings.",
        "This text is about the fate or emotions of an individual or a family.",
        "This text puts a human face on the issue.",
        "This text lets one person's experience stand for the matter.",
        "A private fate is told in this text.",
    ),
    "public_opinion": (
        "This text is about public opinion.",
        "This text deals with polls, protests or petitions.",
        "This text says what citizens or voters think.",
        "This text reports a demonstration or the mood of the public.",
        "This text says how popular or unpopular something is.",
        "Voters, demonstrators or signatories make themselves heard in this text.",
    ),
    "capacity": (
        "This text is about resources, staff or the ability to carry something out.",
        "This text asks whether a plan is feasible.",
        "This text says that an authority lacks or has the means to act.",
        "This text deals with shortages, workload or practical problems of implementation.",
        "This text says that there is too little or enough staff, time, equipment or room.",
        "This text is about whether something can be done in practice.",
    ),
}
HARD_FRAMES = ("security", "politicization")
# A sentence with the first frame may well carry the second in a coder's eyes: the second is never asked as a wrong one.
NEAR = {"politicization": {"fairness"}, "fairness": {"politicization"}, "health": {"security"}, "security": {"health"}}

# Wider names for a restricting measure, as codebooks use them.
RESTRICTIONS = ("the restriction", "the ban", "the measure", "restrictions of this kind", "the restrictions")
TECH_RESTRICTIONS = (
    "restrictions on foreign technology",
    "limits on foreign technology companies",
    "restrictions on foreign products and suppliers",
    "banning technology from other countries",
    "the exclusion of foreign suppliers",
    "bans on foreign technology",
    "keeping foreign technology out",
)
POLICIES = ("the measure", "the policy", "the plan", "the decision")
