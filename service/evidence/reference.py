"""The published survey: each figure with its place in the source.

Source: OFDT/Inserm, crack study in Ile-de-France, 2020; SINTES Crack Observation survey, 2018-2019, 144 rocks,
section 2, table "Main quantitative characteristics of the rocks collected" (rocks with more than 6 % cocaine).
The source does not say whether contents are base or hydrochloride.
"""

YEARS = "2018–2019"
SOURCE = "OFDT/Inserm 2020"

LOWEST_CONTENT_PERCENT = 6.0
MEAN_WEIGHT_MG = 148.0
MEDIAN_COCAINE_MG = 79.0
MAX_COCAINE_MG = 209.0

# The mean content, and the standard deviation that puts half of the rocks between 50 and 70 % (survey.md 6).
MEAN_CONTENT = 0.57
SD_CONTENT = 0.145
