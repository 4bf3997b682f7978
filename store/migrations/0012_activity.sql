-- Business servers report rights by the million; what people did is found beside that.
CREATE INDEX activities_of_people ON activities (app, id) WHERE person_id > 0;
