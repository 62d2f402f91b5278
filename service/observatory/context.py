"""What the observatory holds while the service runs: the surveys it has made."""

from typing import Annotated

from fastapi import Depends

from service.foundation.context import Provided
from service.observatory.cache import SurveyCache

CACHE: Provided[SurveyCache] = Provided("survey_cache")

Surveys = Annotated[SurveyCache, Depends(CACHE)]
